// Changes are found by file, symbol, author and commit through an index, among many events of their own and other kinds.
import { beforeEach, describe, expect, test } from 'vitest';
import { canonicalJson } from '../../../src/domain/canonical-json.js';
import { testDatabase } from '../../support/database.js';
import { commitsOf, Reading, text } from './reading.js';
import { Repository } from './repository.js';
import { storeDrafts } from './stored-drafts.js';

const database = testDatabase();
const ids: string[] = [];
let filled = false;

/** 130,000 events of other commits and sources: enough that reading them all is no plan. */
const others = `
  insert into events (ingested_at, source, id, type, subject, time, priority, epoch, page, ordinal, data)
  select '2026-01-01'::timestamptz, 'others', 'c' || n, 'git.commit', 'c' || n, now(), 2, 1, 1, n,
         jsonb_build_object('sha', 'c' || n, 'author', jsonb_build_object('name', 'A', 'email', 'a' || n % 5000 || '@x'), 'subject', 'x')
    from generate_series(1, 30000) n
  union all
  select '2026-01-01'::timestamptz, 'others', 'f' || n, 'git.file_change', 'f' || n, now(), 2, 1, 1, n,
         jsonb_build_object('commit', 'c' || n % 30000, 'path', 'src/f' || n % 4000 || '.ts', 'change', 'modified')
           || case when n % 3 = 0 then jsonb_build_object('symbols', jsonb_build_array(jsonb_build_object('name', 's' || n % 9000, 'type', 'function'))) else '{}'::jsonb end
    from generate_series(1, 80000) n
  union all
  select '2026-01-01'::timestamptz, 'logs', 'l' || n, 'log.line', null::text, now(), 2, 1, 1, n, '{"status":200}'::jsonb from generate_series(1, 20000) n`;

/** Once, and within a test: a repository ends with its test, what was read of it stays. */
beforeEach(async () => {
  if (filled) return;
  filled = true;
  const repository = Repository.create();
  const before =
    'class Cart:\n    def total(self):\n        a = 1\n        b = 2\n        c = 3\n        d = 4\n        return a\n';
  ids.push(repository.commit({ 'shop/cart.py': before, lib: { mode: '160000', content: '1'.repeat(40) } }));
  ids.push(
    repository.commit(
      {
        'shop/cart.py': before.replace('return a', 'return b'),
        'a.psd': `version https://git-lfs.github.com/spec/v1\noid sha256:${'e'.repeat(64)}\nsize 7\n`,
        lib: { mode: '160000', content: '1'.repeat(40) },
      },
      { parents: [ids[0]!], author: 'Bea <bea@x> 1700000000 +0000' },
    ),
  );
  repository.point(ids[1]!);
  await database.pool.query(
    `insert into sources (id, type, options, origin, identity_version, canonicaliser_version) values ('mine', 'git', '{}', $1, 1, 1), ('others', 'git', '{}', '/o', 1, 1)`,
    [repository.path],
  );
  await storeDrafts(database.pool, await new Reading({ url: repository.path, diff: 'patch' }).run(), 'mine');
  await database.pool.query(others);
  await database.pool.query('vacuum analyze events');
});

async function planOf(query: string): Promise<string> {
  const { rows } = await database.workerPool.query<{ 'QUERY PLAN': string }>(`explain (costs off) ${query}`);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('an index serves', () => {
  test.each([
    ['a file', `select * from git_file_changes where path = 'shop/cart.py'`],
    ['the code of a file', `select * from git_code_changes where file_path = 'shop/cart.py'`],
    ['a symbol', `select * from git_symbol_history('total')`],
    ['an author', `select * from git_commits where author_email = 'bea@x'`],
    ['the code of an author', `select * from git_author_history('bea@x')`],
    ['a commit', `select * from git_commits where sha = 'c17'`],
    ['the files of a commit', `select * from git_file_changes where commit = 'c17'`],
    ['the code of a commit', `select * from git_code_changes where git_commit = 'c17'`],
  ])('%s, among 130,000 events', async (_, query) => {
    const plan = await planOf(query);
    expect(plan).not.toMatch(/Seq Scan on events_default/);
    expect(plan).toMatch(/Index Scan .*events_default_(expr|coalesce|git_symbol_names)/);
  });

  test('with indexes of these changes only: an event of another kind is in none', async () => {
    const { rows } = await database.pool.query<{ indexdef: string }>(
      `select indexdef from pg_indexes where tablename = 'events' and indexname ~ '^git_'`,
    );
    expect(rows).toHaveLength(4);
    for (const { indexdef } of rows) expect(indexdef).toMatch(/WHERE \(?\(type = 'git\./);
  });
});

describe('the views', () => {
  test('tell what a change touched, by whom', async () => {
    const { rows } = await database.workerPool.query(
      'select code_event_type, file_path, language, git_author, git_author_email, git_commit, symbols, diff, repository from git_code_changes where source = $1 and git_commit = $2 order by file_path',
      ['mine', ids[1]],
    );
    expect(rows).toMatchObject([
      { code_event_type: 'file_added', file_path: 'a.psd', language: null, symbols: null },
      {
        code_event_type: 'file_modified',
        file_path: 'shop/cart.py',
        language: 'Python',
        git_author: 'Bea',
        git_author_email: 'bea@x',
        git_commit: ids[1],
        symbols: [{ name: 'total', type: 'function' }],
      },
    ]);
    expect(text((rows[1] as { diff: string }).diff)).toContain('+        return b\n');
  });

  test('tell what an author changed, by the view as by the index', async () => {
    const view = await database.workerPool.query(
      `select * from git_code_changes where git_author_email = 'bea@x' order by file_path`,
    );
    const asked = await database.workerPool.query(`select * from git_author_history('bea@x') order by file_path`);
    expect(asked.rows).toEqual(view.rows);
    expect(asked.rows.map((row: { file_path: string }) => row.file_path)).toEqual(['a.psd', 'shop/cart.py']);
  });

  test('have a row for each symbol, and its history by name', async () => {
    const all = await database.workerPool.query(
      'select symbol_name, symbol_type, file_path, change, git_commit from git_symbol_changes where source = $1 order by commit_time, git_commit = $2, symbol_name',
      ['mine', ids[1]],
    );
    const cart = { file_path: 'shop/cart.py' };
    expect(all.rows).toEqual([
      { symbol_name: 'Cart', symbol_type: 'class', ...cart, change: 'added', git_commit: ids[0] },
      { symbol_name: 'total', symbol_type: 'function', ...cart, change: 'added', git_commit: ids[0] },
      { symbol_name: 'total', symbol_type: 'function', ...cart, change: 'modified', git_commit: ids[1] },
    ]);
    const history = await database.workerPool.query(
      `select git_commit from git_symbol_history('total') where source = 'mine'`,
    );
    expect(history.rows).toHaveLength(2);
    const view = await database.workerPool.query(
      `select * from git_symbol_changes where symbol_name = 's300' order by event_id`,
    );
    const asked = await database.workerPool.query(`select * from git_symbol_history('s300') order by event_id`);
    expect(asked.rows).toEqual(view.rows);
    expect(view.rows).toHaveLength(9);
  });

  test('give submodules, LFS pointers and cut patches columns of their own', async () => {
    const { rows } = await database.workerPool.query(
      'select path, submodule_old, submodule_new, lfs_oid, lfs_size, is_patch_truncated, patch_size from git_file_changes where source = $1 and (submodule_new is not null or lfs_oid is not null) order by path',
      ['mine'],
    );
    expect(rows).toEqual([
      {
        path: 'a.psd',
        submodule_old: null,
        submodule_new: null,
        lfs_oid: 'e'.repeat(64),
        lfs_size: '7',
        is_patch_truncated: false,
        patch_size: null,
      },
      {
        path: 'lib',
        submodule_old: null,
        submodule_new: '1'.repeat(40),
        lfs_oid: null,
        lfs_size: null,
        is_patch_truncated: false,
        patch_size: null,
      },
    ]);
  });

  test('hold a path longer than an index row of a btree may be', async () => {
    const repository = Repository.create();
    const long = Array.from({ length: 20 }, (_, at) => String(at % 10).repeat(200)).join('/');
    repository.point(repository.commit({ [long]: 'x\n' }, { author: `A <${'m'.repeat(5_000)}> 1 +0000` }));
    const events = await new Reading({ url: repository.path }).run();
    for (const [ordinal, { identity, type, data }] of events.entries()) {
      const values = [
        '2026-02-01',
        'long',
        (identity as { key: string }).key.slice(0, 1_000),
        type,
        2,
        1,
        1,
        ordinal,
        canonicalJson(data),
      ];
      await database.pool.query(
        'insert into events (ingested_at, source, id, type, priority, epoch, page, ordinal, data) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
        values,
      );
    }
    const { rows } = await database.workerPool.query('select commit from git_file_changes where path = $1', [long]);
    expect(rows).toEqual([{ commit: commitsOf(events)[0]!['sha'] }]);
  });
});
