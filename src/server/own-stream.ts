// The live stream of this front door, with sessions of its own: one listens for good, and must take no place from what is pushed in.
import { openStream, type StreamRequest, type StreamResponse } from '../live/stream.js';
import { createPool } from '../store/pool.js';
import { serverLimits } from './limits.js';

export interface OwnStream {
  readonly handle: (request: StreamRequest, response: StreamResponse) => void;
  readonly close: () => Promise<void>;
}

export function openOwnStream(databaseUrl: string, log: (line: string) => void): OwnStream {
  const pool = createPool(databaseUrl, { name: 'live stream', connectionsMax: serverLimits.streamConnectionsMax });
  const live = openStream({
    pool,
    onTrouble: (error) =>
      log(`the live stream waits for Postgres (${(error as { code?: string }).code ?? 'no answer'})`),
  });
  return {
    handle: (request, response) => void live.handle(request, response),
    close: async () => {
      live.close();
      await pool.end();
    },
  };
}
