// Clients of a test's own servers, and what their calls throw.
import { inspect } from 'node:util';
import { expect } from 'vitest';
import type { EngineError } from '../../src/domain/errors.js';
import { createHttpClient, type HttpClient, type HttpClientOptions } from '../../src/outside/http-client.js';
import type { TestServer } from './http-server.js';

/** Must not be found in anything that a person, a log or a history could see. */
export const secret = 'canary-7f3a';

const clients: HttpClient[] = [];

export function asking(base: string, options: Partial<HttpClientOptions> = {}): HttpClient {
  const client = createHttpClient({ base, allowPrivate: true, credential: async () => secret, ...options });
  clients.push(client);
  return client;
}

/** What it throws, which never holds the secret. */
export async function failure(call: Promise<unknown>): Promise<EngineError> {
  const outcome = await call.then(
    (value) => ({ value }),
    (error: EngineError) => ({ error }),
  );
  if ('value' in outcome) throw new Error(`it did not fail: ${inspect(outcome.value)}`);
  expect(inspect(outcome.error, { depth: 10, showHidden: true })).not.toContain(secret);
  return outcome.error;
}

/**
 * A call that was broken off leaves at most one idle connection of its client (undici opens it), which goes with the
 * client.
 */
export async function nothingLeft(server: TestServer): Promise<void> {
  expect(server.connections().open).toBeLessThanOrEqual(clients.length);
  for (const client of clients.splice(0)) await client.close();
  await expect.poll(() => server.connections().open).toBe(0);
}
