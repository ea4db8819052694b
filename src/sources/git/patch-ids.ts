// Commits that are the same change under another id (a rebase, an amended message), by `git patch-id --stable`.
import { gitLimits } from './limits.js';
import { readFailure } from './damaged-copy.js';
import type { GitFailure } from './git-failure.js';
import { startGit } from './git-process.js';
import type { Mirror } from './mirror.js';

export interface Pair {
  readonly old: string;
  readonly new: string;
}

/** Why no pairs were looked for. */
export type PairsSkipped = 'too_many_commits' | 'patches_too_large';

/** Each commit in one pair at most; merges and commits without a change have no patch, and so no pair. */
export async function findPairs(
  mirror: Mirror,
  lost: readonly string[],
  fresh: readonly string[],
): Promise<Pair[] | PairsSkipped> {
  if (lost.length === 0 || fresh.length === 0) return [];
  const old = await patchIds(mirror, lost);
  const young = typeof old === 'string' ? old : await patchIds(mirror, fresh);
  if (typeof old === 'string') return old;
  if (typeof young === 'string') return young;
  const byPatch = new Map<string, string[]>();
  for (const id of fresh) if (young.has(id)) byPatch.set(young.get(id)!, [...(byPatch.get(young.get(id)!) ?? []), id]);
  return lost.flatMap((id) => {
    const partner = byPatch.get(old.get(id) ?? '')?.shift();
    return partner === undefined ? [] : [{ old: id, new: partner }];
  });
}

const patches = [
  'diff-tree',
  '--stdin',
  '--root',
  '-r',
  '-p',
  '--full-index',
  '--no-renames',
  '--no-textconv',
  '--no-ext-diff',
  '--no-color',
];

/** Patch id by commit. The patches flow from one git to the other and are counted on the way. */
async function patchIds(mirror: Mirror, commits: readonly string[]): Promise<Map<string, string> | PairsSkipped> {
  const where = { mirror: mirror.directory, signal: mirror.signal };
  const diff = startGit({ args: patches, ...where });
  const hash = startGit({ args: ['patch-id', '--stable'], ...where });
  try {
    diff.stdin.end(commits.map((id) => `${id}\n`).join(''));
    const output = textOf(hash.stdout);
    // Where we leave early, nobody waits for it.
    output.catch(() => {});
    let bytes = 0;
    for await (const part of diff.stdout as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > gitLimits.patchIdBytesMax) return 'patches_too_large';
      if (!hash.stdin.write(part)) await drained(hash.stdin, hash.ended);
    }
    hash.stdin.end();
    for (const failure of [await diff.ended, await hash.ended]) {
      if (failure !== undefined) throw readFailure(mirror.signal, failure);
    }
    return new Map(
      (await output)
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [line.split(' ').reverse() as [string, string]])),
    );
  } finally {
    diff.kill();
    hash.kill();
  }
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts).toString('latin1');
}

/** Or the process has ended: then nothing drains, and its exit says why. */
async function drained(stdin: NodeJS.WritableStream, ended: Promise<GitFailure | undefined>): Promise<void> {
  await Promise.race([new Promise((resolve) => stdin.once('drain', resolve)), ended]);
}
