// Embeddings through a real worker: off by default; with an endpoint each text gets one vector however often the page is
// tried; without one the events are stored, and a later sync fills in (requirement P5, A1.15). The key is nowhere.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifySources } from '../../src/store/proving/verify.js';
import type { EmbedOptions } from '../../src/stages/embedding/embedding-maker.js';
import { testDatabase } from '../support/database.js';
import { embeds, startEmbeddingServer, status, type EmbeddingServer } from '../support/embedding-server.js';
import { advance, countingStage } from '../support/event-stages.js';
import { faulty } from '../support/faults.js';
import { payloadsOf } from '../support/histories.js';
import { testWorker, uniqueSource } from '../support/temporal.js';

const database = testDatabase();
const secret = 'sk-4242-never-to-be-seen';
let server: EmbeddingServer;
beforeAll(async () => {
  server = await startEmbeddingServer();
});
afterAll(() => server.close());

function optionsFor(model: string): EmbedOptions {
  const patience = { pauseMs: 1, restMs: 1 };
  return { url: server.url, model, key: async () => secret, fields: { '*': ['payload'] }, patience };
}

function inputOf(source: string, seed: number) {
  return {
    source: { type: 'synthetic', id: source, options: { events: 60, seed, pageEvents: 20 } },
    batch: { events: 20, inFlight: 2 },
  };
}

async function vectors(source: string): Promise<unknown> {
  const { rows } = await database.workerPool.query(
    `select count(*)::integer as events, count(vector)::integer as vectors, count(error)::integer as errors, min(dimensions) as dimensions
       from event_embeddings where source = $1`,
    [source],
  );
  return rows[0];
}

function calledWith(seen: number): string[] {
  return server.calls.slice(seen).flat();
}

test('off unless the worker is set up for it: no endpoint is asked, and no event speaks of it', async () => {
  const seen = server.calls.length;
  const worker = await testWorker(database);
  const source = uniqueSource('unembedded');
  try {
    await worker.sync(inputOf(source, 1));
    const stages = ['validate', 'hash', 'deduplicate', 'enrich', 'embed', 'persist'];
    await expect(worker.sync({ ...inputOf(uniqueSource('asked'), 1), stages })).rejects.toMatchObject({
      cause: { message: expect.stringContaining('stages.4') },
    });
  } finally {
    await worker.stop();
  }
  expect([calledWith(seen), await vectors(source)]).toEqual([
    [],
    { events: 0, vectors: 0, errors: 0, dimensions: null },
  ]);
});

test('every text is sent once, though persist fails after it and other stages put events off', async () => {
  const seen = server.calls.length;
  const stage = countingStage('waiting', ({ attempt, data }) =>
    attempt === 1 && Number(data.index) % 3 === 0 ? { kind: 'defer', afterMs: 0 } : advance,
  );
  const faults = faulty((point, _source, times) => {
    if (point === 'persist.before' && times === 2) throw new Error('the worker is gone');
  });
  const worker = await testWorker(database, { ...faults, embed: optionsFor('once'), stages: [stage] });
  const source = uniqueSource('embedded');
  try {
    const handle = await worker.start(inputOf(source, 2));
    expect(await handle.result()).toMatchObject({ outcome: 'done', inserted: 60, deferred: 0 });
    const history = payloadsOf(await handle.fetchHistory());
    expect(history.some((payload) => payload.includes(secret))).toBe(false);
    // Another source with the same events: other keys, the same texts.
    expect(await worker.sync(inputOf(`${source}-again`, 2))).toMatchObject({ inserted: 60 });
  } finally {
    await worker.stop();
  }
  const texts = calledWith(seen);
  expect(texts).toHaveLength(60);
  expect(new Set(texts).size).toBe(60);
  expect(server.headers().authorization).toBe(`Bearer ${secret}`);
  expect(await vectors(source)).toEqual({ events: 60, vectors: 60, errors: 0, dimensions: 3 });
  expect(await vectors(`${source}-again`)).toEqual({ events: 60, vectors: 60, errors: 0, dimensions: 3 });
  expect(await verifySources(database.pool, { source, contents: () => true })).toMatchObject([{ ok: true }]);
  expect(await tablesWith(secret)).toEqual([]);
});

test('while the endpoint fails events are stored and say why; whatever embeds the same text later fills them in', async () => {
  server.behave(status(500));
  const worker = await testWorker(database, { embed: optionsFor('later') });
  const source = uniqueSource('failing');
  try {
    expect(await worker.sync(inputOf(source, 3))).toMatchObject({ outcome: 'done', inserted: 60, errors: 60 });
    expect(await vectors(source)).toEqual({ events: 60, vectors: 0, errors: 60, dimensions: null });
    const { rows } = await database.pool.query('select distinct error from event_embeddings where source = $1', [
      source,
    ]);
    expect(rows).toEqual([{ error: 'the embedder answers 500' }]);
    server.behave(embeds);
    await worker.sync(inputOf(`${source}-later`, 3));
    expect(await vectors(source)).toEqual({ events: 60, vectors: 60, errors: 60, dimensions: 3 });
    await worker.sync({
      ...inputOf(`${source}-bare`, 4),
      stages: ['validate', 'hash', 'deduplicate', 'enrich', 'persist'],
    });
    expect(await vectors(`${source}-bare`)).toMatchObject({ events: 0 });
  } finally {
    server.behave(embeds);
    await worker.stop();
  }
});

/** Names of the tables with the word in any of their rows. */
async function tablesWith(word: string): Promise<string[]> {
  const { rows } = await database.pool.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by 1`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const hits = await database.pool.query(`select 1 from ${name} as row where position($1 in row::text) > 0 limit 1`, [
      word,
    ]);
    if (hits.rowCount === 1) found.push(name);
  }
  return found;
}
