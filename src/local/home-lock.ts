// One supervisor per home. The lock is a socket the supervisor listens on, because the kernel lets go of it when its process dies,
// however it dies: there is nothing stale to recognise, and so no moment in which two take over the same stale lock. A lock file
// has that moment, and Node offers no flock.
import { createHash } from 'node:crypto';
import { statSync, unlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';

export interface HomeLock {
  release(): Promise<void>;
}

/** The lock of this home, or null while another process has it. */
export async function lockHome(home: string): Promise<HomeLock | null> {
  const name = socketName(home);
  const server = (await listen(name)) ?? (await listenAfterDead(name));
  if (server === null) return null;
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** By device and inode: a home has one lock whatever path leads to it. */
function socketName(home: string): string {
  const { dev, ino } = statSync(home, { bigint: true });
  const name = `tributary-${createHash('sha256').update(`${dev}:${ino}`).digest('hex').slice(0, 32)}`;
  if (process.platform === 'linux') return `\0${name}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  return `/tmp/${name}.sock`;
}

function listen(name: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.on('error', () => undefined).destroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(null) : reject(error),
    );
    server.listen(name, () => resolve(server));
  });
}

/** Only macOS and the BSDs leave a socket's file behind when its process dies; a refused connection tells. */
async function listenAfterDead(name: string): Promise<Server | null> {
  if (!name.startsWith('/') || (await answers(name))) return null;
  unlinkSync(name);
  return listen(name);
}

function answers(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(name);
    const finish = (does: boolean): void => {
      socket.destroy();
      resolve(does);
    };
    socket.once('connect', () => finish(true)).once('error', () => finish(false));
  });
}
