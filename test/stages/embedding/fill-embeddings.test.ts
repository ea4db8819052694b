// Vectors for events that are stored already: those from before there was an endpoint, those it failed for, and those of
// another model; none is made twice, and no event is changed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fillEmbeddings } from '../../../src/stages/embedding/fill-embeddings.js';
import type { EmbedOptions } from '../../../src/stages/embedding/embedding-maker.js';
import { testDatabase } from '../../support/database.js';
import { embeds, startEmbeddingServer, status, type EmbeddingServer } from '../../support/embedding-server.js';
import { testWorker, uniqueSource } from '../../support/temporal.js';

const database = testDatabase();
let server: EmbeddingServer;
beforeAll(async () => {
  server = await startEmbeddingServer();
});
afterAll(() => server.close());

function optionsFor(model: string): EmbedOptions {
  return { url: server.url, model, key: async () => undefined, fields: {}, patience: { pauseMs: 1, restMs: 1 } };
}

async function synced(events: number, embed?: EmbedOptions): Promise<string> {
  const source = uniqueSource('filled');
  const worker = await testWorker(database, { embed });
  try {
    await worker.sync({
      source: { type: 'synthetic', id: source, options: { events, seed: events } },
      batch: { events: 400 },
    });
    return source;
  } finally {
    await worker.stop();
  }
}

async function vectorsOf(source: string, model: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    'select count(distinct event_id)::integer as n from event_embeddings where source = $1 and model = $2 and vector is not null',
    [source, model],
  );
  return rows[0]!.n;
}

test('events from before there was an endpoint get their vectors; a second time nothing is left to do', async () => {
  const source = await synced(1_200);
  const before = await database.pool.query('select * from events where source = $1 order by id', [source]);
  expect(await fillEmbeddings(database.workerPool, optionsFor('first'), source)).toEqual({
    events: 1_200,
    texts: 1_200,
    known: 0,
    embedded: 1_200,
    failed: 0,
    problem: null,
  });
  expect(await vectorsOf(source, 'first')).toBe(1_200);
  const calls = server.calls.length;
  expect(await fillEmbeddings(database.workerPool, optionsFor('first'), source)).toMatchObject({
    known: 1_200,
    embedded: 0,
  });
  expect(server.calls).toHaveLength(calls);
  expect((await database.pool.query('select * from events where source = $1 order by id', [source])).rows).toEqual(
    before.rows,
  );
});

test('events the stage could not embed are found by the text they asked for: no row is added', async () => {
  server.behave(status(500));
  const source = await synced(50, optionsFor('second'));
  server.behave(embeds);
  expect(await vectorsOf(source, 'second')).toBe(0);
  expect(await fillEmbeddings(database.workerPool, optionsFor('second'), source)).toMatchObject({
    events: 50,
    embedded: 50,
  });
  expect(await vectorsOf(source, 'second')).toBe(50);
  expect((await database.pool.query('select 1 from embedding_inputs where source = $1', [source])).rowCount).toBe(0);
});

test('a new model gets vectors of its own, beside the old ones', async () => {
  const source = await synced(50, optionsFor('old'));
  expect(await fillEmbeddings(database.workerPool, optionsFor('new'), source)).toMatchObject({ embedded: 50 });
  expect([await vectorsOf(source, 'old'), await vectorsOf(source, 'new')]).toEqual([50, 50]);
});

test('an endpoint that gives nothing is not asked for every event, and the reason is told', async () => {
  const source = await synced(1_100);
  server.behave(status(401));
  const seen = server.calls.length;
  const figures = await fillEmbeddings(
    database.workerPool,
    { ...optionsFor('third'), patience: { pauseMs: 1 } },
    source,
  );
  server.behave(embeds);
  expect(figures).toMatchObject({
    events: 500,
    embedded: 0,
    failed: 500,
    problem: expect.stringMatching(/answers 401/),
  });
  expect(server.calls.length - seen).toBeLessThanOrEqual(4);
});
