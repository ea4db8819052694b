// Our own bare copy of the repository: the only one git works in. It can be thrown away at any time; what was stored is
// known from the store's ref rows, never from here.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NeedsAttention } from '../../domain/errors.js';
import { GitFailure, mayBeMirror, originFailure } from './git-failure.js';
import { runGit, startGit, failureOr } from './git-process.js';
import { clearLeftovers, type HeldLock } from './mirror-lock.js';
import { originOf, type GitOptions } from './options.js';
import { tipsOf, transportOptions, type Tips } from './origin.js';
import { mirrorRefsPrefix, refspecOf } from './ref-globs.js';

export interface Mirror {
  readonly directory: string;
  readonly signal: AbortSignal;
}

export function mirrorOf(context: { readonly directory: string; readonly signal: AbortSignal }): Mirror {
  return { directory: join(context.directory, 'mirror.git'), signal: context.signal };
}

export async function mirrorExists({ directory }: Mirror): Promise<boolean> {
  return stat(join(directory, 'HEAD')).then((file) => file.isFile(), () => false); // prettier-ignore
}

/** Commits at which a shallow origin's history was cut: their parents are not there. */
export async function shallowCommits({ directory }: Mirror): Promise<ReadonlySet<string>> {
  const text = await readFile(join(directory, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

/**
 * Brings the mirror up to the origin and returns the tips it then has. A mirror that git cannot work with is made anew:
 * the last step, because it costs a whole clone.
 */
export async function fetchTips(mirror: Mirror, given: GitOptions, wanted: Tips, lock: HeldLock): Promise<Tips> {
  const first = !(await mirrorExists(mirror));
  await clearLeftovers(mirror.directory);
  try {
    return await fetchOnce(mirror, given, wanted, lock);
  } catch (error) {
    if (first || !(error instanceof GitFailure) || !mayBeMirror(error)) throw asOriginFailure(error, given, first);
  }
  // git words damage of the mirror and of the origin alike; only a fresh mirror tells them apart.
  await removeMirror(mirror);
  try {
    return await fetchOnce(mirror, given, wanted, lock);
  } catch (error) {
    throw asOriginFailure(error, given, false);
  }
}

function asOriginFailure(error: unknown, given: GitOptions, first: boolean): unknown {
  return error instanceof GitFailure ? originFailure(error, originOf(given), first) : error;
}

async function fetchOnce(mirror: Mirror, given: GitOptions, wanted: Tips, lock: HeldLock): Promise<Tips> {
  await openMirror(mirror, wanted);
  if (wanted.size === 0) return new Map();
  await removeGone(mirror, given, wanted);
  await fetchRefs(mirror, given, wanted, lock);
  return mirrorTips(mirror, given.refs);
}

export async function removeMirror({ directory }: Mirror): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** A mirror holds one kind of hash for ever; the length of the origin's ids says which. */
async function openMirror(mirror: Mirror, wanted: Tips): Promise<void> {
  const [id = ''] = wanted.values();
  const format = id.length === 64 ? 'sha256' : 'sha1';
  if ((await mirrorExists(mirror)) && (id === '' || (await formatOf(mirror)) === format)) return;
  await requireVersion(mirror.signal);
  await removeMirror(mirror);
  await mkdir(mirror.directory, { recursive: true, mode: 0o700 });
  // HEAD on a branch that never exists: some git versions read attributes from HEAD's tree, which is the origin's to write.
  const args = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--initial-branch=tributary/none'];
  await runGit({ args: [...args, '--end-of-options', mirror.directory], signal: mirror.signal });
}

/** The first version whose diff-tree knows --diff-merges=first-parent: `-m --first-parent` took 18 times as long. */
const oldestGit = [2, 31] as const;

async function requireVersion(signal: AbortSignal): Promise<void> {
  const text = (await runGit({ args: ['version'], signal })).toString().trim();
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
  if (Number(major) > oldestGit[0] || (Number(major) === oldestGit[0] && Number(minor) >= oldestGit[1])) return;
  throw new NeedsAttention('git_too_old', `found ${text}, expected git ${oldestGit.join('.')} or later; install it and have it on PATH`);
}

async function formatOf(mirror: Mirror): Promise<string> {
  return (await runMirror(mirror, ['rev-parse', '--show-object-format'])).toString().trim();
}

async function fetchRefs(mirror: Mirror, given: GitOptions, wanted: Tips, lock: HeldLock): Promise<void> {
  const url = originOf(given);
  // A shallow origin that was completed since is fetched whole; on a complete mirror git refuses the option.
  const depth = (await shallowCommits(mirror)).size > 0 ? ['--unshallow'] : [];
  const args = ['fetch', '--quiet', '--prune', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance', '--update-shallow', '--force'];
  const globs = given.refs.filter((glob) => glob.includes('*') || wanted.has(glob));
  const git = startGit({
    args: [...args, ...depth, ...transportOptions(url), '--end-of-options', url, ...globs.map(refspecOf)],
    mirror: mirror.directory,
    signal: mirror.signal,
  });
  git.stdin.end();
  git.stdout.resume();
  await lock.note(git.pid);
  const failure = await git.ended;
  await lock.note(undefined);
  if (failure !== undefined) throw failureOr(mirror.signal, failure);
}

/** git prunes only what a refspec names, and refuses one whose ref is gone: refs followed by their whole name are taken out here. */
async function removeGone(mirror: Mirror, { refs }: GitOptions, wanted: Tips): Promise<void> {
  const gone = refs.filter((glob) => !glob.includes('*') && !wanted.has(glob));
  if (gone.length > 0) await runMirror(mirror, ['update-ref', '--stdin'], gone.map((ref) => `delete ${mirrorRefsPrefix}${ref}\n`).join(''));
}

export async function mirrorTips(mirror: Mirror, globs: readonly string[]): Promise<Tips> {
  const output = await runMirror(mirror, ['for-each-ref', '--format=%(objectname) %(refname)', mirrorRefsPrefix]);
  return tipsOf(output, globs, mirrorRefsPrefix);
}

/** Those of the objects that the mirror has. */
export async function presentIn(mirror: Mirror, ids: Iterable<string>): Promise<string[]> {
  const input = [...ids].map((id) => `${id}\n`).join('');
  if (input === '' || !(await mirrorExists(mirror))) return [];
  const output = await runMirror(mirror, ['cat-file', '--batch-check=%(objectname)', '--buffer'], input);
  return output.toString().split('\n').filter((line) => /^[0-9a-f]+$/.test(line)); // prettier-ignore
}

/** Old tips that no ref reaches any more get a ref of ours, so that no clean-up by hand takes their history away. */
export async function keepTips(mirror: Mirror, ids: readonly string[]): Promise<void> {
  const input = ids.map((id) => `update refs/tributary/keep/${id} ${id}\n`).join('');
  if (input !== '') await runMirror(mirror, ['update-ref', '--stdin'], input);
}

export function runMirror({ directory, signal }: Mirror, args: readonly string[], input?: string): Promise<Buffer> {
  return runGit({ args, mirror: directory, signal, input });
}
