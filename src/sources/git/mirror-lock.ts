// One writer a mirror. A killed worker leaves a lock behind, and sometimes a `git fetch` that works on: as long as either
// lives, the mirror is busy; when both are dead, what they left is cleared away.
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pid } from 'node:process';
import { Transient } from '../../domain/errors.js';
import { isDiskFull } from './disk-space.js';
import { clearLeftovers } from './mirror-leftovers.js';

export interface HeldLock {
  /** Notes the git process that writes now. */
  note(child: number | undefined): Promise<void>;
}

/** Pids are used again: the time it started tells a process from its successor. */
interface Process {
  readonly id: number;
  readonly started?: string | undefined;
}

interface Holder {
  readonly worker: Process;
  readonly child?: Process | undefined;
}

/** Mirrors that this process is writing: a pid cannot tell two activities of one worker apart. */
const own = new Set<string>();

export async function withMirrorLock<T>(mirror: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  const file = `${mirror}.lock`;
  await mkdir(dirname(file), { recursive: true });
  if (own.has(file)) throw busy();
  // Before anything is awaited: two activities that ask at once must not both find it free.
  own.add(file);
  try {
    if (await isHeld(file)) throw busy();
    return await holding(file, work);
  } finally {
    own.delete(file);
  }
}

function busy(): Transient {
  return new Transient(
    'git_mirror_busy',
    'another run is fetching into the mirror of this source; trying again when it is done',
  );
}

async function holding<T>(file: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  try {
    await take(file);
    return await work({ note: (child) => note(file, child) });
  } finally {
    await rm(file, { force: true });
  }
}

/** On a full disk what a dead fetch left goes first: nobody alive holds the mirror, and a lock file needs room too. */
async function take(file: string): Promise<void> {
  try {
    await note(file, undefined);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    await clearLeftovers(file.slice(0, -'.lock'.length));
    await note(file, undefined);
  }
}

async function isHeld(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  if (holder === undefined) return false;
  return (
    (holder.worker.id !== pid && (await isAlive(holder.worker))) ||
    (holder.child !== undefined && (await isAlive(holder.child)))
  );
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder;
  } catch {
    // Absent, or cut short by the kill: then it wrote nothing yet.
    return undefined;
  }
}

async function note(file: string, child: number | undefined): Promise<void> {
  const holder: Holder = {
    worker: await processOf(pid),
    child: child === undefined ? undefined : await processOf(child),
  };
  const written = `${file}.${pid}`;
  try {
    await writeFile(written, JSON.stringify(holder));
    await rename(written, file);
  } catch (error) {
    await rm(written, { force: true });
    throw error;
  }
}

async function isAlive({ id, started }: Process): Promise<boolean> {
  try {
    process.kill(id, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = await statOf(id);
  // A killed process whose parent has not asked for it yet is a zombie (Z): it writes nothing.
  return now.started === started && now.state !== 'Z';
}

async function processOf(id: number): Promise<Process> {
  return { id, started: (await statOf(id)).started };
}

/** Fields 3 and 22 of proc(5) stat; elsewhere than on Linux neither is known. */
async function statOf(
  id: number,
): Promise<{ readonly state?: string | undefined; readonly started?: string | undefined }> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}
