// What verify can be asked: a part of the history, stores from before the chain, and an anchor outside.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finishRemoval, markRemoval, removeRows } from '../../../src/store/remove-source.js';
import { broken, database, home, proofOf, synced, verify, worker } from '../verified-store.js';

/** As a store was before it had a chain: what is committed was committed before its migration. */
async function withoutChain(id: string): Promise<void> {
  await database.pool.query('update schema_migrations set applied_at = clock_timestamp() where version = 13');
  for (const table of ['chain_links', 'row_changes'])
    await database.pool.query(`delete from ${table} where source = $1`, [id]);
  await database.pool.query('update source_cursors set links = 0, chain = null where source = $1', [id]);
}

test('pages from before the chain are proved by counts and content hashes, and the chain begins with the next page', async () => {
  const id = await synced('old');
  await withoutChain(id);
  expect(await proofOf(id)).toMatchObject({
    ok: true,
    chain: { links: 0, chain: null, pagesBefore: 3, firstPage: null },
  });
  await database.pool.query(`update events set data = '{}' where source = $1 and id = '1-5'`, [id]);
  expect(await proofOf(id)).toMatchObject({ ok: false, altered: 1 });
  const options = { events: 900, hostile: true, duplicates: 0.2, pageEvents: 100 };
  await worker.sync({ source: { type: 'synthetic', id, options }, batch: { events: 200 } });
  const { code, out } = await verify(id);
  expect(code).toBe(3);
  expect(out).toContain(
    'the chain of digests begins at page 2.1: of the 3 pages before it only counts and content hashes are proved',
  );
  await database.pool.query(
    'update ledger set processing_ms = processing_ms + 1 where source = $1 and epoch = 1 and seq = 1',
    [id],
  );
  expect(broken(await proofOf(id))).toMatchObject({
    'every link of the chain is over the one before and over its page': 1,
  });
});

test('since a page or a time, only what came after it is looked at', async () => {
  const id = await synced('since');
  await database.pool.query(`update events set priority = 4 where source = $1 and page = 1 and id = '1-5'`, [id]);
  expect((await verify(id, '--since', '1.1')).code).toBe(0);
  expect((await verify(id, '--since', '2020-01-01')).code).toBe(3);
  await database.pool.query(
    `update events set priority = 4 where source = $1 and page = 2 and id = (select min(id) from events where source = $1 and page = 2)`,
    [id],
  );
  expect((await verify(id, '--since', '1.1')).out).toMatch(/page 1\.2, ordinal \d+, event [\d-]+ \(altered\)/);
  expect((await verify(id, '--since', '1.2')).code).toBe(0);
});

test.each([
  [['--since', 'soon'], '--since: expected a time like'],
  [['--since', '1.1'], '--since: a page is one of a source'],
  [['--anchor', 'lines'], '--anchor-key: is missing'],
  [['--anchor-key', 'env:KEY'], '--anchor: is missing'],
  [['--anchor', 'lines', '--anchor-key', 'sesame'], '--anchor-key: expected env:NAME or file:PATH'],
])('%j is wrong use', async (words, problem) => {
  const { code, err } = await verify(...words);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining(problem) });
  expect(err).not.toContain('sesame');
});

test('an anchor gets a signed line when all is proved, and tells when history was written anew', async () => {
  const id = await synced('anchored');
  const [file, key] = [join(home, 'anchor'), join(home, 'key')];
  writeFileSync(key, 'a-secret\n');
  const anchored = (...words: string[]) => verify(id, '--anchor', file, '--anchor-key', `file:${key}`, ...words);
  expect(await anchored('--json')).toMatchObject({
    code: 0,
    items: [{}, { lines: 0, unknown: [], extended: true }, { ok: true }],
  });
  expect(await anchored('--json')).toMatchObject({
    code: 0,
    items: [{}, { lines: 1, unknown: [], extended: false }, { ok: true }],
  });
  // A person with all rights and the code: pages gone, and a new chain over the rest.
  await database.pool.query('update ledger set processing_ms = 1 where source = $1', [id]);
  await withoutChain(id);
  expect((await verify(id)).code).toBe(0);
  const red = await anchored();
  expect(red).toMatchObject({
    code: 3,
    out: expect.stringMatching(
      /FAIL {2}every chain goes on from where the lines say it was.*\n +anchored-\S+, link \d/,
    ),
  });
  writeFileSync(file, readFileSync(file, 'utf8').replace('"links":', '"links":1'));
  expect(await anchored()).toMatchObject({ code: 3, err: expect.stringContaining('line 1 of the anchor') });
});

test('an anchor whose last line lost its end gets the next one on a line of its own', async () => {
  const id = await synced('unended');
  const [file, key] = [join(home, 'unended'), join(home, 'unended-key')];
  writeFileSync(key, 'a-secret\n');
  const anchored = () => verify(id, '--anchor', file, '--anchor-key', `file:${key}`, '--json');
  expect(await anchored()).toMatchObject({ code: 0 });
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
  const options = { events: 900, hostile: true, duplicates: 0.2, pageEvents: 100 };
  await worker.sync({ source: { type: 'synthetic', id, options }, batch: { events: 200 } });
  expect(await anchored()).toMatchObject({ code: 0, items: [{}, { lines: 1, extended: true }, {}] });
  expect(await anchored()).toMatchObject({ code: 0, items: [{}, { lines: 2, extended: false }, {}] });
});

test('a source that a person removed with its events is told by the anchor, and is no damage; while it goes, nothing is said of it', async () => {
  const id = await synced('removed');
  const [file, key] = [join(home, 'removed'), join(home, 'removed-key')];
  writeFileSync(key, 'a-secret\n');
  const anchored = (...words: string[]) => verify(...words, '--anchor', file, '--anchor-key', `file:${key}`, '--json');
  expect(await anchored(id)).toMatchObject({ code: 0, items: [{}, { extended: true }, {}] });
  await markRemoval(database.pool, id, 'delete', 'ada');
  const going = await verify(id);
  expect(going).toMatchObject({
    code: 0,
    out: expect.stringContaining(`${id}: is being removed with its events, and was not looked at`),
  });
  await removeRows(database.pool, id, 'delete', () => {});
  expect((await anchored()).items).toContainEqual(
    expect.objectContaining({
      unknown: [{ source: id, links: expect.any(Number), chain: expect.any(String), removedAt: null }],
    }),
  );
  await finishRemoval(database.pool, id, 'delete');
  expect((await anchored()).items).toContainEqual(
    expect.objectContaining({ anchor: file, unknown: [], removed: [id] }),
  );
});

test('an anchor that no line can be added to is told, with its path', async () => {
  const id = await synced('unwritable');
  const key = join(home, 'unwritable-key');
  writeFileSync(key, 'a-secret\n');
  const { code, err } = await verify(
    id,
    '--anchor',
    join(home, 'no-such-folder', 'anchor'),
    '--anchor-key',
    `file:${key}`,
  );
  expect({ code, err }).toEqual({ code: 3, err: expect.stringContaining('no line can be added to the anchor') });
});
