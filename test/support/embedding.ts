// The embed stage over events of a few words, with an endpoint and a model of the test's own.
import { createHash } from 'node:crypto';
import { afterEach } from 'vitest';
import type { JsonObject } from '../../src/domain/event.js';
import { createEmbed } from '../../src/stages/embed.js';
import type { EmbedOptions } from '../../src/stages/embedding/embedding-maker.js';
import { aBatch, anEvent, aSource } from './builders.js';
import { testDatabase } from './database.js';
import { embeds, startEmbeddingServer, type Behaviour, type EmbeddingServer } from './embedding-server.js';

export const context = { source: aSource(() => []), options: {}, runId: 'run' };
export const notes = (...texts: string[]) => texts.map((text, at) => note(text, at));
export const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export function note(text: string, at: number, data: JsonObject = {}) {
  return anEvent('built', at, { text, ...data }, { type: 'acme.note' });
}

interface Embedded {
  readonly input: string;
  readonly model: string;
  readonly error?: string;
}

/** Registers the hooks. */
export function embedding() {
  const database = testDatabase();
  const servers: EmbeddingServer[] = [];
  let models = 0;
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });

  async function serving(behaviour: Behaviour = embeds): Promise<EmbeddingServer> {
    const server = await startEmbeddingServer(behaviour);
    servers.push(server);
    return server;
  }

  /** A model of its own for each test, and patience of milliseconds. */
  function options(url: string, part: Partial<EmbedOptions> = {}): EmbedOptions {
    const patience = { callMs: 2_000, batchMs: 10_000, pauseMs: 1, restMs: 60_000, ...part.patience };
    return { url, model: `model-${++models}`, key: async () => undefined, fields: {}, ...part, patience };
  }

  /** `told`: what each event says of its vector; undefined where it says nothing. */
  async function run(given: EmbedOptions, events = notes('one', 'three'), cancelled?: AbortSignal) {
    const enrichment = new Map([[0, '{"metadata":{"host":"here"}}']]);
    const batch = await stage(given).run(
      aBatch([], { events, enrichment }),
      cancelled === undefined ? context : { ...context, cancelled },
    );
    const told = events.map(
      ({ ordinal }) => (JSON.parse(batch.enrichment.get(ordinal) ?? '{}') as { embedding?: Embedded }).embedding,
    );
    return { told, errors: told.map((one) => one?.error), batch, counted: batch.counted };
  }

  const stage = (given: EmbedOptions) => createEmbed(database.workerPool, given);

  /** Vectors by input. */
  async function stored(model: string): Promise<Record<string, number[]>> {
    const { rows } = await database.pool.query<{ input: string; vector: number[] }>(
      `select encode(input_hash, 'hex') as input, vector from embeddings where model = $1`,
      [model],
    );
    return Object.fromEntries(rows.map(({ input, vector }) => [input, vector]));
  }

  return { serving, options, run, stage, stored };
}
