// A mapper is mended in a new version: the source goes on, and what the old one refused comes back. Other identities are refused.
import { afterEach, expect, test } from 'vitest';
import type { Source } from '../../src/domain/source.js';
import { decideLetters } from '../../src/store/decide-letters.js';
import { verifySources } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { mendableSource } from '../support/mendable-source.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';

const database = testDatabase();
let worker: TestWorker;
afterEach(() => worker.stop());

/** As an installation does: the worker of the old version goes, that of the new one comes. */
async function upgrade(from: TestWorker, source: Source): Promise<TestWorker> {
  await from.stop();
  return testWorker(database, { sources: [source] });
}

function inputOf(id: string, events: number) {
  return { source: { type: 'synthetic', id, options: { events, seed: 72, pageEvents: 10 } }, batch: { events: 100 } };
}

test('a raised mapper version goes on with the source, redrives its dead letters, and stands with the pages it read', async () => {
  const id = uniqueSource('mapper');
  worker = await testWorker(database, { sources: [mendableSource()] });
  expect(await worker.sync(inputOf(id, 20))).toMatchObject({ outcome: 'done', dead_letters: 36 });
  const mended = Object.assign(mendableSource(), { mended: true, mapperVersion: 2 });
  worker = await upgrade(worker, mended);
  await decideLetters(database.pool, { source: id, decision: 'redriven', by: 'ada', reason: null });
  expect(await worker.sync(inputOf(id, 30))).toMatchObject({ outcome: 'done', inserted: 44 + 30, dead_letters: 0 });
  const { rows } = await database.pool.query(
    `select queue, mapper_version as mapper, sum(records)::integer as records from pages
      where source = $1 group by queue, mapper_version order by queue, mapper_version`,
    [id],
  );
  expect(rows).toEqual([
    { queue: 'letters', mapper: 2, records: 36 },
    { queue: null, mapper: 1, records: 20 },
    { queue: null, mapper: 2, records: 10 },
  ]);
  const [proof] = await verifySources(database.pool, { source: id, contents: () => true });
  expect(proof).toMatchObject({ ok: true, events: 60 + 30, lost: 0, doubled: 0, invented: 0 });
});

test('raised identities are refused with the reason and what to do; the source stays as it was', async () => {
  const id = uniqueSource('identity');
  worker = await testWorker(database, { sources: [mendableSource()] });
  await worker.sync(inputOf(id, 20));
  worker = await upgrade(worker, Object.assign(mendableSource(), { identityVersion: 2 }));
  await expect(worker.sync(inputOf(id, 30))).rejects.toMatchObject({
    cause: {
      type: 'NeedsAttention',
      message: expect.stringMatching(
        /was read with identities 1 .* has 2 .* come twice; read it with the version it was begun with, or under a new id/,
      ),
    },
  });
  const { rows } = await database.pool.query('select identity_version as identity from sources where id = $1', [id]);
  expect(rows).toEqual([{ identity: 1 }]);
});
