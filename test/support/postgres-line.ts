// A line to Postgres that a test cuts and mends: while it is cut, connections are refused as of a server that is away.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createPool, type Pool } from '../../src/store/pool.js';
import { workerRole } from '../../src/store/worker-role.js';

export interface PostgresLine {
  /** Goes over the line, as a worker's. */
  readonly pool: Pool;
  cut(): Promise<void>;
  mend(): Promise<void>;
  close(): Promise<void>;
}

export async function postgresLine(url: string): Promise<PostgresLine> {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect({ host: hostname, port: Number(port) });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one.on('error', () => other.destroy());
      one.on('close', () => (sockets.delete(one), other.destroy()));
    }
  });
  const listen = async (on: number): Promise<number> => {
    await once(server.listen(on, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const cut = async (): Promise<void> => {
    if (!server.listening) return;
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  };
  const own = await listen(0);
  const near = Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(own) });
  const pool = createPool(near.href, { name: 'test worker', ...(await workerRole(url)) });
  return {
    pool,
    cut,
    async mend() {
      await listen(own);
    },
    async close() {
      await pool.end();
      await cut();
    },
  };
}
