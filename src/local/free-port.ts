import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Not 5432: a PostgreSQL of the machine's own is often there, and being next to it must never mean being taken for it. */
export const POSTGRES_PORT = 54_329;
/** Temporal's own defaults, so that `temporal` commands without --address find the server. */
export const TEMPORAL_PORT = 7_233;
export const TEMPORAL_UI_PORT = 8_233;

/** Of the front door. Unassigned at IANA, and below the ports that systems give to whoever asks for any. */
export const DOOR_PORT = 8_377;

/** The preferred port of 127.0.0.1 if nobody listens on it, else a free one. Another process may still take it before its user does. */
export async function freePort(preferred: number): Promise<number> {
  return (
    (await tryListen(preferred)) ??
    (await tryListen(0)) ??
    Promise.reject(new Error('no free port on 127.0.0.1: all are taken, or listening is not allowed here'))
  );
}

function tryListen(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const taken = (server.address() as AddressInfo).port;
      server.close(() => resolve(taken));
    });
  });
}
