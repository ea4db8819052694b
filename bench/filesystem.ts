// filesystem: a tree of small files, read for the first time and again with nothing new, as ratios to `find` doing the same alone:
// hashing every file (sha256sum), and printing the fields that a look compares.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { filesystem } from '../src/sources/filesystem/index.js';
import type { Source } from '../src/domain/source.js';
import { Reading } from '../src/testing/reading.js';
import { findCursor } from '../src/store/cursors.js';
import { startRig, type Rig } from './rig.js';

const run = promisify(execFile);

export interface FilesystemFigures {
  readonly files: number;
  readonly mib: number;
  readonly sha256sumMs: number;
  /** Walked, hashed and made into records, without storing them. */
  readonly scanMs: number;
  /** scanMs ÷ sha256sumMs; at most 2 is the aim. */
  readonly scanRatio: number;
  readonly findMs: number;
  /** One look with nothing new, as a follower has it. */
  readonly lookMs: number;
  /** lookMs ÷ findMs; at most 2 is the aim. */
  readonly lookRatio: number;
  /** The first sync through the whole path, everything stored. */
  readonly syncMs: number;
  readonly syncRatio: number;
  readonly nothingNewMs: number;
  readonly workerPeakMib: number | null;
}

export async function filesystemBench(files: number): Promise<FilesystemFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-bench-tree-'));
  const rig = await startRig();
  try {
    const root = join(directory, 'tree');
    const bytes = await makeTree(root, files);
    return await measure(rig, root, join(directory, 'home'), files, bytes);
  } finally {
    await rig.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** Sizes as in trees of code: half under 3 KiB, some over 50. */
async function makeTree(root: string, files: number): Promise<number> {
  let bytes = 0;
  for (let folder = 0, made = 0; made < files; folder++) {
    const path = join(root, `part-${folder % 50}`, `folder-${folder}`);
    await mkdir(path, { recursive: true });
    for (let file = 0; file < 50 && made < files; file++, made++) {
      const size = Math.floor(Math.exp(5 + ((made * 0.618_034) % 1) * 6));
      bytes += size;
      await writeFile(join(path, `file-${file}.ts`), randomBytes(size));
    }
  }
  return bytes;
}

async function measure(rig: Rig, root: string, home: string, files: number, bytes: number): Promise<FilesystemFigures> {
  // Once before any is timed: all find the same cache of the disk.
  await run('find', [root, '-type', 'f', '-exec', 'sha256sum', '{}', '+'], { maxBuffer: 1 << 30 });
  const options = { root, settleMs: 0 };
  const reading = new Reading({ source: filesystem as Source, options }, home);
  const sha256sumMs = await timed(() => run('find', [root, '-type', 'f', '-exec', 'sha256sum', '{}', '+'], { maxBuffer: 1 << 30 })); // prettier-ignore
  const scanMs = await timed(() => scan(reading));
  const source = { type: 'filesystem', id: 'bench/tree', options };
  const first = await rig.sync({ source });
  const second = await rig.sync({ source });
  const [findMs, lookMs] = await inTurn(
    () => printed(root),
    () => look(rig, reading),
  );
  return {
    files,
    mib: Math.round(bytes / 1_048_576),
    sha256sumMs: Math.round(sha256sumMs),
    scanMs: Math.round(scanMs),
    scanRatio: ratio(scanMs, sha256sumMs),
    findMs: Math.round(findMs),
    lookMs: Math.round(lookMs),
    lookRatio: ratio(lookMs, findMs),
    syncMs: Math.round(first.ms),
    syncRatio: ratio(first.ms, sha256sumMs),
    nothingNewMs: Math.round(second.ms),
    workerPeakMib: rig.workerPeakMib(),
  };
}

/** As prepare and read do it; nothing is kept. */
async function scan(reading: Reading): Promise<void> {
  const { cursor } = await filesystem.prepare(reading.context as never, filesystem.initialCursor);
  for await (const chunk of filesystem.read(reading.context as never, cursor)) void chunk;
}

/** The fields that a look compares. */
function printed(root: string): Promise<number> {
  return timed(() => run('find', [root, '-printf', '%p %y %s %T@ %C@ %i %B@ %m %U %G\\n'], { maxBuffer: 1 << 30 }));
}

/** The least of some tries each: other programs only ever add to it. */
async function inTurn(one: () => Promise<number>, other: () => Promise<number>): Promise<[number, number]> {
  let [least, otherLeast] = [Infinity, Infinity];
  for (let time = 0; time < 5; time++) {
    least = Math.min(least, await one());
    otherLeast = Math.min(otherLeast, await other());
  }
  return [least, otherLeast];
}

async function look(rig: Rig, reading: Reading): Promise<number> {
  const cursor = filesystem.cursor.parse((await findCursor(rig.pool, 'bench/tree'))!.cursor);
  return timed(async () => {
    if (await filesystem.hasNews!(reading.context as never, cursor)) throw new Error('found news where nothing is new');
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function ratio(one: number, other: number): number {
  return Math.round((100 * one) / other) / 100;
}
