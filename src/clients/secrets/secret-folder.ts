// The folder of secrets: files of one word each, which sources name by `file:NAME` (domain/secret-reference.ts). Whoever may
// read the folder has them, so it and its files are its owner's alone.
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput } from '../../domain/errors.js';
import { secretReference } from '../../domain/secret-reference.js';

export interface ListedSecret {
  readonly name: string;
  /** What an option of a source says. */
  readonly reference: string;
  readonly changedAt: Date;
}

/** Throws InvalidInput without the name: it may be the secret itself, given in the wrong place. */
export function referenceTo(name: string): string {
  const { success, data } = secretReference.safeParse(`file:${name}`);
  if (success) return data;
  throw new InvalidInput(
    'name',
    'expected at most 250 letters, digits, dots, hyphens and underscores, the first of them no dot',
  );
}

/** Whole or not at all, also for who reads at the same moment. True when there was one of that name. */
export async function saveSecret(directory: string, name: string, secret: string): Promise<boolean> {
  const [path, made] = [join(directory, name), join(directory, `.${randomBytes(8).toString('hex')}`)];
  return usable(directory, async () => {
    await prepareFolder(directory);
    const before = await changedAt(path);
    try {
      await writeSynced(made, `${secret}\n`);
      await rename(made, path);
    } finally {
      await rm(made, { force: true });
    }
    return before !== null;
  });
}

/** By name; of a folder that is not there none. */
export async function listSecrets(directory: string): Promise<ListedSecret[]> {
  return usable(directory, async () => {
    const names = await readdir(directory).catch(noneIfMissing);
    const named = names.filter((name) => secretReference.safeParse(`file:${name}`).success).toSorted();
    const found = await Promise.all(named.map(async (name) => ({ name, at: await changedAt(join(directory, name)) })));
    return found.flatMap(({ name, at }) => (at === null ? [] : [{ name, reference: `file:${name}`, changedAt: at }]));
  });
}

/** Throws InvalidInput where there is none of that name. */
export async function removeSecret(directory: string, name: string): Promise<void> {
  await usable(directory, async () => {
    const path = join(directory, name);
    if ((await changedAt(path)) === null) throw new InvalidInput('name', `${name} is no secret in ${directory}`);
    await rm(path);
  });
}

/** In a home of a work tree it may be there before anything keeps git from adding it. */
async function prepareFolder(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await chmod(directory, 0o700);
  await writeFile(join(directory, '.gitignore'), '*\n');
}

async function writeSynced(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Null: no file. */
async function changedAt(path: string): Promise<Date | null> {
  try {
    const found = await stat(path);
    return found.isFile() ? found.mtime : null;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function noneIfMissing(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw error;
}

const unusable = ['EACCES', 'EPERM', 'ENOTDIR', 'EEXIST', 'EISDIR', 'EROFS'];

async function usable<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!unusable.includes(codeOf(error) ?? '')) throw error;
    const found = `${JSON.stringify(directory)} cannot be used (${codeOf(error)})`;
    const instead = 'set TRIBUTARY_SECRETS_DIR to a directory of your own, for the worker too';
    throw new InvalidInput('TRIBUTARY_SECRETS_DIR', `${found}; ${instead}`, { cause: error });
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
