// A disk that is full: PostgreSQL stops before it would panic, what is asked of it names path and room, and it goes on by
// itself when there is room.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../src/local/free-port.js';
import { startPostgres, type PostgresServer } from '../../src/local/postgres-server.js';
import { startTributary, tributary } from '../clients/command.js';
import { eventually } from '../support/eventually.js';

vi.setConfig({ testTimeout: 180_000 });

const MIB = 1024 * 1024;

function newDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-disk-'));
  // The account that runs Postgres must be able to pass through.
  chmodSync(directory, 0o711);
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('PostgreSQL does not start on a disk with too little room, stops in order before it is full, and starts again with room', async () => {
  const directory = newDirectory();
  let free = 100 * MIB;
  const start = async (): Promise<PostgresServer> =>
    startPostgres({
      directory: join(directory, 'postgres'),
      port: await freePort(0),
      logFile: join(directory, 'postgres.log'),
      freeBytes: () => free,
    });
  await expect(start()).rejects.toMatchObject({
    code: 'disk_full',
    message: expect.stringContaining(
      `the disk of ${directory}/postgres is full (100.0 MiB free): PostgreSQL is not started`,
    ),
  });
  free = 200 * MIB;
  const server = await start();
  free = 63 * MIB;
  expect(await server.exited).toBe('exit code 0');
  expect(readFileSync(join(directory, 'postgres.log'), 'utf8')).toContain('database system is shut down');
  await expect(start()).rejects.toMatchObject({ code: 'disk_full' });
  free = 200 * MIB;
  const again = await start();
  await again.stop();
  if (!again.dataDirectory.startsWith(directory)) rmSync(again.dataDirectory, { recursive: true, force: true });
});

/** Mounting needs root; everything but the file system itself is tested above. */
const mountable = process.platform === 'linux' && process.getuid?.() === 0;

test.runIf(mountable)(
  'a sync on a full disk is told why it waits, and ends by itself when there is room; nothing is lost',
  async () => {
    const disk = newDirectory();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500m,mode=711', 'tmpfs', disk]);
    const environment = { TRIBUTARY_HOME: join(disk, 'home') };
    onTestFinished(async () => {
      rmSync(join(disk, 'filler'), { force: true });
      await tributary(['down'], environment);
      execFileSync('umount', ['-l', disk]);
    });
    expect(await tributary(['sync', 'synthetic', '--id', 'first', '--set', 'events=1000'], environment)).toMatchObject({
      code: 0,
    });
    const sync = startTributary(
      ['sync', 'synthetic', '--id', 'second', '--set', 'events=100000', '--json'],
      environment,
    );
    let told = '';
    sync.child.stdout!.on('data', (text: string) => (told += text));
    await eventually(
      'pages are committed',
      async () => (await tributary(['stats', 'second', '--json'], environment)).code === 0,
    );
    fill(join(disk, 'filler'));
    const status = await eventually('status tells', async () => {
      const { items } = await tributary(['status', '--json'], environment);
      return items.find(({ problem }) => String(problem).includes('is full'));
    });
    expect(status['problem']).toMatch(new RegExp(`the disk of ${disk}\\S* is full \\(\\d+\\.\\d MiB free\\)`));
    expect(await tributary(['sync', 'synthetic', '--id', 'third'], environment)).toMatchObject({
      code: 3,
      err: expect.stringMatching(new RegExp(`^error: the disk of ${disk}.* MiB free`)),
    });
    expect(await tributary(['doctor'], environment)).toMatchObject({
      code: 1,
      out: expect.stringContaining('is full'),
    });
    await eventually('the sync that waits tells', () => /"retry":.*is full \(/.test(told));
    rmSync(join(disk, 'filler'));
    const { code, items } = await sync.ended;
    expect({ code, last: items.at(-1) }).toMatchObject({
      code: 0,
      last: { outcome: 'done', total: 100_000, errors: 0 },
    });
    expect((await tributary(['verify', '--json'], environment)).items.at(-1)).toMatchObject({
      ok: true,
      lost: 0,
      doubled: 0,
    });
  },
);

/** To the last byte. */
function fill(path: string): void {
  const { bavail, bsize } = statfsSync(join(path, '..'));
  try {
    writeFileSync(path, Buffer.alloc(Math.floor(bavail * bsize)));
    for (;;) writeFileSync(path, Buffer.alloc(4_096), { flag: 'a' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
