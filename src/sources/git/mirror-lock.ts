// One writer a mirror. A killed worker leaves a lock behind, and sometimes a `git fetch` that works on: as long as either
// lives, the mirror is busy; when both are dead, what they left is cleared away.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pid } from 'node:process';
import { Transient } from '../../domain/errors.js';

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
  return new Transient('git_mirror_busy', 'another run is fetching into the mirror of this source; trying again when it is done');
}

async function holding<T>(file: string, work: (lock: HeldLock) => Promise<T>): Promise<T> {
  try {
    await note(file, undefined);
    return await work({ note: (child) => note(file, child) });
  } finally {
    await rm(file, { force: true });
  }
}

async function isHeld(file: string): Promise<boolean> {
  const holder = await readHolder(file);
  if (holder === undefined) return false;
  return (holder.worker.id !== pid && (await isAlive(holder.worker))) || (holder.child !== undefined && (await isAlive(holder.child)));
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
  const holder: Holder = { worker: await processOf(pid), child: child === undefined ? undefined : await processOf(child) };
  await writeFile(`${file}.${pid}`, JSON.stringify(holder));
  await rename(`${file}.${pid}`, file);
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
async function statOf(id: number): Promise<{ readonly state?: string | undefined; readonly started?: string | undefined }> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], started: fields[19] };
}

/** Lock files and unfinished packs of git processes that were killed. Only while holding the lock. */
export async function clearLeftovers(mirror: string): Promise<void> {
  const top = await readdir(mirror).catch(() => []);
  const locks = top.filter((name) => name.endsWith('.lock')).map((name) => join(mirror, name));
  const packs = join(mirror, 'objects', 'pack');
  const unfinished = (await readdir(packs).catch(() => [])).filter((name) => name.startsWith('tmp_')).map((name) => join(packs, name));
  const refs = await readdir(join(mirror, 'refs'), { recursive: true }).catch(() => []);
  const refLocks = refs.filter((name) => name.endsWith('.lock')).map((name) => join(mirror, 'refs', name));
  for (const file of [...locks, ...unfinished, ...refLocks]) await rm(file, { force: true, recursive: true });
}
