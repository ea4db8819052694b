// Paths, refs, ids and keys of any honest length are stored, found and proved: no index refuses one.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { contentCheck } from '../../src/clients/verify/content-check.js';
import { pathPattern } from '../../src/queries/path-pattern.js';
import type { EventDraft } from '../../src/domain/event.js';
import { validate } from '../../src/stages/validate.js';
import { persistPage } from '../../src/store/persist.js';
import { searchEvents } from '../../src/store/reading/search-events.js';
import { findState, scanState } from '../../src/store/source-state.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { aBatch, after, anEvent, aPage, aSource, aSourceRow, openedRun, stored } from '../support/builders.js';
import { testDatabase } from '../support/database.js';
import { Reading, text } from '../sources/git/reading.js';
import { Repository } from '../sources/git/repository.js';
import { createRegistry } from '../../src/sources/index.js';

const database = testDatabase();

/** First characters of ranges in which one has this many bytes; random ones, because Postgres compresses what repeats. */
const widths = [
  [1, 0x61, 26],
  [2, 0x430, 32],
  [3, 0x4e00, 20_000],
  [4, 0x20000, 40_000],
] as const;

function longText([width, first, range]: (typeof widths)[number], bytes: number, seed = ''): string {
  const chars = Array.from({ length: Math.floor(bytes / width) }, (_, at) => {
    const random = createHash('sha256').update(`${seed}${at}`).digest().readUInt32BE();
    return at % 60 === 59 ? '/' : String.fromCodePoint(first + (random % range));
  });
  while (Buffer.byteLength(chars.join('')) + width <= bytes) chars.push(String.fromCodePoint(first));
  return chars.join('').replace(/\/$/, 'a');
}

async function persisted(drafts: readonly EventDraft[]) {
  const run = await openedRun(database.workerPool, aSourceRow({ type: 'git' }));
  const valid = await validate.run(aBatch([Buffer.from('all')]), {
    source: aSource(() => drafts),
    options: {},
    runId: 'run',
  });
  const events = valid.drafts.map(({ draft, ordinal }) => stored(anEvent(run.source, ordinal, draft.data, draft)));
  const counts = await persistPage(database.workerPool, aPage(run, { events, dead: valid.dead }));
  return { source: run.source, counts };
}

async function proofOf(source: string) {
  return (await verifySources(database.pool, { source, contents: contentCheck(createRegistry()) }))[0]!;
}

test('files and refs of 900 to 4,096 bytes in characters of any width are events, found by their path', async () => {
  const repository = Repository.create();
  const paths = widths.flatMap((width) =>
    [900 * width[0], 2_300, 2_500, 4_096].map((bytes) => longText(width, bytes, `${bytes}`)),
  );
  const id = repository.commit(Object.fromEntries(paths.map((path) => [Buffer.from(path).toString('latin1'), 'x\n'])));
  repository.point(id);
  const refs = widths.map((width) => `refs/heads/${longText(width, 1_000).replaceAll('/', '/r')}`);
  for (const ref of refs) repository.point(id, ref);
  const drafts = await new Reading({ url: repository.path }).run();
  const { source, counts } = await persisted(drafts);
  expect(counts).toMatchObject({ inserted: drafts.length, dead: 0 });

  for (const path of paths) {
    const asked = { filter: { source, path: pathPattern(path) }, order: 'newest', limit: 10 } as const;
    const found = await searchEvents(
      database.pool,
      { ...asked, filter: { ...asked.filter, types: ['git.file_change'] } },
      createRegistry().catalogue,
    );
    expect(found.map(({ data }) => text((data as { path: string }).path))).toEqual([path]);
    const { rows } = await database.pool.query('select path from git_file_changes where source = $1 and path = $2', [
      source,
      path,
    ]);
    expect(rows).toEqual([{ path }]);
  }
  const { rows } = await database.pool.query<{ ref: string }>('select ref from git_refs where source = $1', [source]);
  expect(rows.map(({ ref }) => ref)).toEqual(expect.arrayContaining(refs));
  expect((await proofOf(source)).invariants.filter(({ found }) => found !== 0)).toEqual([]);
}, 120_000);

test('ids of any source, told apart however late they differ, and known again', async () => {
  const ids = widths.flatMap((width) =>
    [2_000, 2_400, 2_404, 4_096, 20_000].flatMap((bytes) => [
      `${longText(width, bytes)}1`,
      `${longText(width, bytes)}2`,
    ]),
  );
  const drafts = ids.map((key): EventDraft => ({
    type: 'test.happened',
    identity: { kind: 'immutable', key },
    data: { key },
  }));
  const { source, counts } = await persisted(drafts);
  expect(counts).toMatchObject({ inserted: ids.length, dead: 0 });
  expect((await proofOf(source)).invariants.filter(({ found }) => found !== 0)).toEqual([]);
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(distinct id)::integer as n from events where source = $1',
    [source],
  );
  expect(rows[0]!.n).toBe(ids.length);
});

test('state under a long key comes back under all of it, is replaced and removed', async () => {
  let run = await openedRun(database.workerPool);
  const { source } = run;
  const keys = widths.flatMap((width) => [
    `${longText(width, 4_096)}1`,
    `${longText(width, 4_096)}2`,
    longText(width, 300),
  ]);
  const put = async (value: (at: number) => number | null): Promise<void> => {
    const page = aPage(run, { statePatch: keys.map((key, at) => ({ kind: 'file', key, value: value(at) })) });
    await persistPage(database.workerPool, page);
    run = after(run, page);
  };
  await put((at) => at);
  await put((at) => at * 10);
  const rows = await scanState(database.pool, source, 'file', { limit: 1_000 });
  expect(new Map(rows.map(({ key, value }) => [key, value]))).toEqual(new Map(keys.map((key, at) => [key, at * 10])));
  expect(await findState(database.pool, source, 'file', keys[1]!)).toBe(10);
  await put((at) => (at === 0 ? null : at));
  const left = await scanState(database.pool, source, 'file', { limit: 1_000 });
  expect(left.map(({ key }) => key).toSorted()).toEqual(keys.slice(1).toSorted());
  expect((await proofOf(source)).invariants.filter(({ found }) => found !== 0)).toEqual([]);
});
