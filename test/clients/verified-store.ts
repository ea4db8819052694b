// A store that syncs fill, and `verify` of it: as the command says it, and as the proof it rests on.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { contentCheck } from '../../src/clients/verify/content-check.js';
import { createRegistry } from '../../src/sources/index.js';
import { verifySources, type SourceProof } from '../../src/store/proving/verify.js';
import { testDatabase } from '../support/database.js';
import { testWorker, uniqueSource, type TestWorker } from '../support/temporal.js';
import { tributary } from './command.js';

export const database = testDatabase();
export const home = mkdtempSync(join(tmpdir(), 'tributary-verify-'));
export let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database);
});

afterAll(async () => {
  await worker.stop();
  rmSync(home, { recursive: true, force: true });
});

/** Three pages, with dead letters and with rows kept beside their projection. */
export async function synced(name: string): Promise<string> {
  const id = uniqueSource(name);
  const options = { events: 600, hostile: true, duplicates: 0.2, pageEvents: 100 };
  await worker.sync({ source: { type: 'synthetic', id, options }, batch: { events: 200 } });
  return id;
}

export async function proofOf(id: string): Promise<SourceProof> {
  const [proof, ...others] = await verifySources(database.pool, {
    source: id,
    contents: contentCheck(createRegistry()),
  });
  expect(others).toEqual([]);
  return proof!;
}

export function broken({ invariants }: SourceProof): Record<string, number> {
  return Object.fromEntries(invariants.filter(({ found }) => found > 0).map(({ name, found }) => [name, found]));
}

export function verify(...words: string[]) {
  return tributary(['verify', ...words], {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_HOME: home,
  });
}
