// The views hold every value that the source can give, times at the ends of the calendar included.
import { describe, expect, test } from 'vitest';
import { testDatabase } from '../../support/database.js';
import { Reading } from './reading.js';
import { Repository } from './repository.js';
import { storeDrafts } from './stored-drafts.js';

describe('git_commits and git_file_changes', () => {
  const database = testDatabase();

  test('give real types, for the worker role too', async () => {
    const repository = Repository.create();
    const first = repository.commit(
      { 'a.ts': 'x\n', '\xff': Buffer.from([0, 1]) },
      { committer: 'C <c@x> 253402300799 +0000', author: 'J\xf6rg <j@x> -62135596800 +0000' },
    );
    const second = repository.commit(
      { 'b.ts': 'x\n' },
      {
        parents: [first],
        committer: 'C <c@x> 9223372036854775807 +0000',
        message: Buffer.from('caf\xe9\n\nAcked-by: A\n', 'latin1'),
      },
    );
    repository.point(second);
    await storeDrafts(database.pool, await new Reading({ url: repository.path }).run());
    const commits = await database.workerPool.query(
      'select sha, parents, is_merge, author_name, extract(year from author_time at time zone $1)::int as year, committer_time, message_bytes, files, additions, trailers from git_commits order by committer_time nulls last',
      ['utc'],
    );
    expect(commits.rows).toMatchObject([
      { sha: first, parents: [], is_merge: false, author_name: 'J\ufffdrg', year: 1, files: 2, additions: '1' },
      {
        sha: second,
        parents: [first],
        committer_time: null,
        message_bytes: Buffer.from('caf\xe9\n\nAcked-by: A\n', 'latin1'),
        files: 2,
        trailers: [{ key: 'Acked-by', value: 'A' }],
      },
    ]);
    const files = await database.workerPool.query(
      'select commit, path, path_bytes, old_path, change, additions, is_binary, mode, language, is_merge from git_file_changes where commit = $1 order by path',
      [first],
    );
    expect(files.rows).toEqual([
      {
        commit: first,
        path: 'a.ts',
        path_bytes: null,
        old_path: null,
        change: 'added',
        additions: '1',
        is_binary: false,
        mode: '100644',
        language: 'TypeScript',
        is_merge: false,
      },
      {
        commit: first,
        path: '\ufffd',
        path_bytes: Buffer.from([0xff]),
        old_path: null,
        change: 'added',
        additions: null,
        is_binary: true,
        mode: '100644',
        language: null,
        is_merge: false,
      },
    ]);
  });
});
