// Doors with the stream of a test's database, and clients that others wrote; all end with the test.
import { EventSource } from 'eventsource';
import { afterEach } from 'vitest';
import type { StreamParts } from '../../src/live/stream.js';
import { createPool, type Pool } from '../../src/store/pool.js';
import type { TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { startStreamServer, type StreamServer } from './stream-server.js';

export interface Watched {
  readonly source: EventSource;
  readonly events: {
    readonly id: string;
    readonly source: string;
    readonly position: string;
    readonly data: unknown;
  }[];
  readonly resets: { readonly reason: string; readonly last: string }[];
  readonly ids: string[];
}

export interface Doors {
  readonly door: (parts?: Partial<StreamParts>) => Promise<StreamServer & { readonly pool: Pool }>;
  readonly watch: (url: string) => Promise<Watched>;
}

/** As pg_stat_activity has the sessions of a door. */
export const doorSessions = 'tributary test stream';

/** Registers the hook. */
export function testDoors(database: TestDatabase): Doors {
  const open: { close(): unknown }[] = [];
  afterEach(async () => {
    for (const one of open.splice(0).toReversed()) await one.close();
  });
  return {
    async door(parts = {}) {
      const pool = createPool(database.url, { name: 'test stream', connectionsMax: 4 });
      open.push({ close: () => pool.end() });
      const server = await startStreamServer({ pool, ...parts });
      open.push(server);
      return { ...server, pool };
    },
    async watch(url) {
      const watched = watchedBy(new EventSource(url));
      open.push(watched.source);
      await eventually('it is open', () => watched.source.readyState === EventSource.OPEN);
      return watched;
    },
  };
}

function watchedBy(source: EventSource): Watched {
  const watched: Watched = { source, events: [], resets: [], ids: [] };
  source.onmessage = ({ data, lastEventId }) => {
    watched.events.push(JSON.parse(data as string) as Watched['events'][number]);
    watched.ids.push(lastEventId);
  };
  source.addEventListener('reset', ({ data }) =>
    watched.resets.push(JSON.parse(data as string) as Watched['resets'][number]),
  );
  return watched;
}

export function namesOf({ events }: Watched): string[] {
  return events.map(({ id, source }) => `${source} ${id}`);
}

export async function seen(watched: Watched, count: number): Promise<string[]> {
  await eventually(`${count} events`, () => watched.events.length >= count);
  return namesOf(watched);
}
