// A front door in this process, on a port of its own, over the tests' database; and what asks it.
import { afterAll, beforeAll } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { startFrontDoor, type FrontDoor } from '../../src/server/server.js';
import type { TestDatabase } from '../support/database.js';

export interface TestFrontDoor {
  readonly url: string;
  readonly logged: string[];
  post(path: string, body: string | Uint8Array, headers?: Record<string, string>): Promise<Told>;
}

export interface Told {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown> & { readonly verdicts?: readonly Record<string, unknown>[] };
}

export interface DoorChoice {
  readonly host?: string;
  readonly tokenNeeded?: boolean;
  readonly environment?: Record<string, string>;
}

/** Registers the hooks. */
export function testFrontDoor(database: Pick<TestDatabase, 'url'>, choice: DoorChoice = {}): TestFrontDoor {
  const logged: string[] = [];
  let door: FrontDoor | undefined;
  beforeAll(async () => {
    door = await startFrontDoor({
      config: loadConfig({ TRIBUTARY_HOME: '/nonexistent', TRIBUTARY_CONFIG: 'none', ...choice.environment }),
      databaseUrl: database.url,
      listen: { host: choice.host ?? '127.0.0.1', port: 0 },
      tokenNeeded: choice.tokenNeeded ?? false,
      version: '0.0.0',
      log: (line) => logged.push(line),
    });
  });
  afterAll(() => door?.close());
  return {
    get url() {
      return door!.url;
    },
    logged,
    post: (path, body, headers = { 'content-type': 'application/json' }) => asked(`${door!.url}${path}`, body, headers),
  };
}

async function asked(url: string, body: string | Uint8Array, headers: Record<string, string>): Promise<Told> {
  const answer = await fetch(url, { method: 'POST', body: body as string, headers });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: text === '' ? {} : (JSON.parse(text) as Told['body']),
  };
}
