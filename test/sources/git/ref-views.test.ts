// The views of refs: where each stood and when, in the origin's order whatever the order of arrival.
import { describe, expect, test } from 'vitest';
import type { EventDraft } from '../../../src/domain/event.js';
import { testDatabase } from '../../support/database.js';
import { eventsOf, Reading } from './reading.js';
import { Repository } from './repository.js';
import { storeDrafts } from './stored-drafts.js';

describe('git_refs, git_ref_history, git_tags, git_ref_rewrites and git_unreachable_commits', () => {
  const database = testDatabase();

  /** Latest first: what arrives last must not win. */
  async function stored(events: readonly EventDraft[]): Promise<void> {
    await storeDrafts(database.pool, events.toReversed());
  }

  async function rows(text: string): Promise<Record<string, unknown>[]> {
    return (await database.workerPool.query(text)).rows as Record<string, unknown>[];
  }

  test('answer what a ref pointed to at any time', async () => {
    const repository = Repository.create();
    const reading = new Reading({ url: repository.path });
    const told: EventDraft[] = [];
    const day = async (date: string): Promise<void> => {
      const { cursor } = await reading.prepare();
      // As if we had looked on that day.
      for (const chunk of await reading.chunks({ ...cursor, seen: `${date}T12:00:00.000Z` })) {
        told.push(...eventsOf(chunk));
        reading.commit(chunk);
      }
    };
    const ids = repository.line(3);
    repository.git(['tag', '-a', '-m', 'one', 'v1', ids[0]!]);
    repository.git(['tag', 'light', ids[1]!]);
    await day('2026-11-02');
    repository.point(ids[1]!);
    repository.point(ids[1]!, 'refs/heads/next');
    repository.git(['tag', '-f', '-a', '-m', 'two', 'v1', ids[1]!]);
    await day('2026-11-03');
    const young = repository.line(1, { from: ids[0]!, name: 'young' });
    repository.git(['tag', '-d', 'light']);
    await day('2026-11-04');
    repository.git(['symbolic-ref', 'HEAD', 'refs/heads/next']);
    repository.git(['update-ref', '-d', 'refs/heads/main']);
    await day('2026-11-05');
    await stored(told);

    const at = (ref: string, time: string): Promise<Record<string, unknown>[]> =>
      rows(
        `select sha from git_ref_history where source = 'test' and ref = '${ref}' and from_time <= '${time}' and (until_time > '${time}' or until_time is null)`,
      );
    expect(await at('refs/heads/main', '2026-11-01 18:00Z')).toEqual([]);
    expect(await at('refs/heads/main', '2026-11-02 18:00Z')).toEqual([{ sha: ids[2] }]);
    expect(await at('refs/heads/main', '2026-11-03 18:00Z')).toEqual([{ sha: ids[1] }]);
    expect(await at('refs/heads/main', '2026-11-04 18:00Z')).toEqual([{ sha: young[0] }]);
    expect(await at('refs/heads/main', '2026-11-05 18:00Z')).toEqual([]);
    expect(await at('HEAD', '2026-11-03 18:00Z')).toEqual([{ sha: ids[1] }]);
    expect(await at('HEAD', '2026-11-04 18:00Z')).toEqual([{ sha: young[0] }]);
    expect(await at('HEAD', '2026-11-05 18:00Z')).toEqual([{ sha: ids[1] }]);

    const tag = repository.git(['rev-parse', 'v1']);
    expect(await rows(`select ref, sha, commit, branch from git_refs order by ref`)).toEqual([
      { ref: 'HEAD', sha: ids[1], commit: ids[1], branch: 'refs/heads/next' },
      { ref: 'refs/heads/next', sha: ids[1], commit: ids[1], branch: null },
      { ref: 'refs/tags/v1', sha: tag, commit: ids[1], branch: null },
    ]);
    expect(
      await rows(
        `select tag, sha, target, target_type, is_annotated, tagger_name, tagger_time, message, since from git_tags`,
      ),
    ).toEqual([
      {
        tag: 'v1',
        sha: tag,
        target: ids[1],
        target_type: 'commit',
        is_annotated: true,
        tagger_name: 'Charles',
        tagger_time: new Date(1_700_000_100_000),
        message: 'two\n',
        since: new Date('2026-11-03T12:00:00Z'),
      },
    ]);
    expect(
      await rows(
        `select ref, from_sha, to_sha, merge_base, lost_count, new_count, lost, new, is_truncated, pairs, time from git_ref_rewrites order by sequence`,
      ),
    ).toEqual([
      {
        ref: 'refs/heads/main',
        from_sha: ids[2],
        to_sha: ids[1],
        merge_base: ids[1],
        lost_count: '1',
        new_count: '0',
        lost: [ids[2]],
        new: [],
        is_truncated: false,
        pairs: [],
        time: new Date('2026-11-03T12:00:00Z'),
      },
      {
        ref: 'refs/heads/main',
        from_sha: ids[1],
        to_sha: young[0],
        merge_base: ids[0],
        lost_count: '1',
        new_count: '1',
        lost: [ids[1]],
        new: young,
        is_truncated: false,
        pairs: [],
        time: new Date('2026-11-04T12:00:00Z'),
      },
    ]);
    expect(await rows(`select commit, ref, since from git_unreachable_commits order by since`)).toEqual([
      { commit: ids[2], ref: 'refs/heads/main', since: new Date('2026-11-03T12:00:00Z') },
      { commit: young[0], ref: 'refs/heads/main', since: new Date('2026-11-05T12:00:00Z') },
    ]);
    expect(
      await rows(
        `select ref, change, from_sha, to_sha, is_first from git_ref_changes where ref like 'refs/tags/%' order by sequence`,
      ),
    ).toMatchObject([
      { ref: 'refs/tags/light', change: 'tag_created', to_sha: ids[1], is_first: true },
      { ref: 'refs/tags/v1', change: 'tag_created', is_first: true },
      { ref: 'refs/tags/v1', change: 'tag_moved', to_sha: tag, is_first: false },
      { ref: 'refs/tags/light', change: 'tag_deleted', from_sha: ids[1], to_sha: null },
    ]);
  });
});
