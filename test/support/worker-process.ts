// `tributary worker` as a process of its own, on the tests' servers, and commands and a client that reach it.
import { afterAll, beforeAll, expect, inject } from 'vitest';
import { startTributary, tributary, type Outcome, type Running } from '../clients/command.js';
import type { TestDatabase } from './database.js';
import { testClient, uniqueQueue, type TestClient } from './temporal.js';

export interface WorkerProcess {
  /** What commands are run with to reach it. */
  readonly environment: () => Record<string, string>;
  readonly run: (...words: string[]) => Promise<Outcome>;
  /** On the worker's task queue. */
  readonly temporal: TestClient;
  /** As a crash does; `restart` starts another. */
  readonly kill: () => Promise<void>;
  readonly restart: () => void;
}

/** Registers the hooks. Ended, the worker must have stopped as it should. */
export function workerProcess(database: TestDatabase, home = '/nonexistent'): WorkerProcess {
  const queue = uniqueQueue('process');
  let worker: Running;
  let temporal: TestClient;
  const environment = () => commandEnvironment(database, queue, home);
  const restart = (): void => {
    worker = startTributary(['worker'], environment());
  };
  beforeAll(async () => {
    restart();
    temporal = await testClient(queue);
  });
  afterAll(async () => {
    await temporal.close();
    worker.child.kill('SIGTERM');
    expect((await worker.ended).code).toBe(0);
  });
  return {
    environment,
    run: (...words) => tributary(words, environment()),
    get temporal() {
      return temporal;
    },
    kill: async () => {
      worker.child.kill('SIGKILL');
      await worker.ended;
    },
    restart,
  };
}

export function commandEnvironment(
  database: TestDatabase,
  queue: string,
  home = '/nonexistent',
): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TRIBUTARY_TASK_QUEUE: queue,
    TRIBUTARY_HOME: home,
  };
}

/** A sync with some thousand pages left to read, so that whatever is said to it comes in the middle. */
export const longSync = (id: string) => ({
  source: { type: 'synthetic', id, options: { events: 1_000_000, pageEvents: 50 } },
  batch: { events: 50, inFlight: 1 },
});
