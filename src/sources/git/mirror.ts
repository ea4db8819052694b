// Our own bare copy of the repository: the only one git works in. It can be thrown away at any time; what was stored is
// known from the store's ref rows, never from here.
import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { NeedsAttention } from '../../domain/errors.js';
import type { SourceContext } from '../../domain/source.js';
import type { Access } from './access.js';
import { isForbidden } from './broken-refs.js';
import { readFailure } from './damaged-copy.js';
import { GitFailure } from './git-failure.js';
import { runGit, startGit, failureOr } from './git-process.js';
import { isFetchTalk } from './fetch-course.js';
import type { HeldLock } from './mirror-lock.js';
import { originOf, type GitOptions } from './options.js';
import { allRefs, refBytes, tipsOf, transportOptions, type Tips } from './origin.js';
import { mirrorRefsPrefix, refspecOf } from './ref-globs.js';

export interface Mirror {
  readonly directory: string;
  /** How its origin is reached; needed where it is fetched from. */
  readonly access?: Access;
  readonly signal: AbortSignal;
  readonly tell?: SourceContext<unknown>['tell'];
}

export function mirrorOf({
  directory,
  signal,
  tell,
}: Pick<SourceContext<unknown>, 'directory' | 'signal' | 'tell'>): Mirror {
  return { directory: join(directory, 'mirror.git'), signal, tell };
}

export async function mirrorExists({ directory }: Mirror): Promise<boolean> {
  return stat(join(directory, 'HEAD')).then((file) => file.isFile(), () => false); // prettier-ignore
}

/** Whether the mirror's objects are there, whatever else of it is gone. */
export async function hasObjects({ directory }: Pick<Mirror, 'directory'>): Promise<boolean> {
  return stat(join(directory, 'objects')).then((file) => file.isDirectory(), () => false); // prettier-ignore
}

/** Commits at which a shallow origin's history was cut: their parents are not there. */
export async function shallowCommits({ directory }: Mirror): Promise<ReadonlySet<string>> {
  const text = await readFile(join(directory, 'shallow'), 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

export async function removeMirror({ directory }: Mirror): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}

/** A mirror holds one kind of hash for ever; the length of the origin's ids says which. */
export async function holdsFormatOf(mirror: Mirror, wanted: Tips): Promise<boolean> {
  const format = await formatOf(mirror);
  return wanted.size === 0 || format === formatFor(wanted);
}

function formatFor(wanted: Tips): string {
  const [id = ''] = wanted.values();
  return id.length === 64 ? 'sha256' : 'sha1';
}

export async function createMirror(mirror: Mirror, wanted: Tips): Promise<void> {
  await requireVersion(mirror.signal);
  const format = formatFor(wanted);
  await removeMirror(mirror);
  await mkdir(mirror.directory, { recursive: true, mode: 0o700 });
  // HEAD on a branch that never exists: some git versions read attributes from HEAD's tree, which is the origin's to write.
  const args = [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    `--object-format=${format}`,
    '--initial-branch=tributary/none',
  ];
  await runGit({ args: [...args, '--end-of-options', mirror.directory], signal: mirror.signal });
}

/** The first version whose diff-tree knows --diff-merges=first-parent: `-m --first-parent` took 18 times as long. */
const oldestGit = [2, 31] as const;

async function requireVersion(signal: AbortSignal): Promise<void> {
  const text = (await runGit({ args: ['version'], signal })).toString().trim();
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
  if (Number(major) > oldestGit[0] || (Number(major) === oldestGit[0] && Number(minor) >= oldestGit[1])) return;
  throw new NeedsAttention(
    'git_too_old',
    `found ${text}, expected git ${oldestGit.join('.')} or later; install it and have it on PATH`,
  );
}

async function formatOf(mirror: Mirror): Promise<string> {
  return (await runMirror(mirror, ['rev-parse', '--show-object-format'])).toString().trim();
}

const lineFeed = Buffer.from('\n');

/** What is fetched into where: `+from:to`, or `^from` for what is left out of a glob. */
export interface Fetch {
  readonly url: string;
  readonly refspecs: readonly string[];
}

/** Of all refs that are followed, but those that cannot be read. */
export function fetchOf(given: GitOptions, wanted: Tips, without: readonly string[]): Fetch {
  const globs = given.refs.filter((glob) => glob.includes('*') || (wanted.has(glob) && !without.includes(glob)));
  return {
    url: originOf(given),
    refspecs: [
      ...globs.map(refspecOf),
      ...without.filter((ref) => ref.startsWith('refs/') && !isForbidden(ref)).map((ref) => `^${ref}`),
    ],
  };
}

export async function fetchRefs(mirror: Mirror, { url, refspecs }: Fetch, lock: HeldLock): Promise<void> {
  // Asked for nothing, git fetches HEAD.
  if (!refspecs.some((refspec) => refspec.startsWith('+'))) return;
  // A shallow origin that was completed since is fetched whole; on a complete mirror git refuses the option.
  const depth = (await shallowCommits(mirror)).size > 0 ? ['--unshallow'] : [];
  const args = [
    'fetch',
    // Not --quiet beside it: what brings most of the objects would say nothing then.
    '--progress',
    '--no-tags',
    '--no-recurse-submodules',
    '--no-write-fetch-head',
    '--no-auto-maintenance',
    '--update-shallow',
    '--force',
  ];
  const git = startGit({
    args: [...args, ...depth, ...transportOptions(url), '--stdin', '--end-of-options', url],
    mirror: mirror.directory,
    ...mirror.access,
    signal: mirror.signal,
    onLine: (line) => isFetchTalk(line, mirror.tell),
  });
  git.stdin.end(Buffer.concat(refspecs.flatMap((refspec) => [refBytes(refspec) ?? Buffer.from(refspec), lineFeed])));
  git.stdout.resume();
  // Not taken back when it has ended: of a process that is dead the note holds nobody, and on a full disk it cannot be written.
  await lock.note(git.pid).catch(async (error: unknown) => {
    git.kill();
    await git.ended;
    throw error;
  });
  const failure = await git.ended;
  if (failure !== undefined) throw failureOr(mirror.signal, failure);
}

/**
 * Before the fetch, since `a` must be gone before `a/b` can be there, and by us: with --prune git would take out what its
 * own, later and unexamined answer lacks.
 */
export async function removeGone(mirror: Mirror, wanted: Tips): Promise<void> {
  const gone = [...(await mirrorTips(mirror, allRefs)).keys()].filter((ref) => !wanted.has(ref));
  const lines = gone.map((ref) =>
    Buffer.concat([Buffer.from(`delete ${mirrorRefsPrefix}`), refBytes(ref) ?? Buffer.from(ref), Buffer.from('\n')]),
  );
  if (gone.length > 0) await runMirror(mirror, ['update-ref', '--stdin'], Buffer.concat(lines));
}

export async function mirrorTips(mirror: Mirror, globs: readonly string[]): Promise<Tips> {
  const output = await runMirror(mirror, ['for-each-ref', '--format=%(objectname) %(refname)', mirrorRefsPrefix]);
  return tipsOf(output, globs, mirrorRefsPrefix);
}

/** Those of the objects that the mirror has. */
export async function presentIn(mirror: Mirror, ids: Iterable<string>): Promise<string[]> {
  const input = [...ids].map((id) => `${id}\n`).join('');
  if (input === '' || !(await mirrorExists(mirror))) return [];
  const output = await readMirror(mirror, ['cat-file', '--batch-check=%(objectname)', '--buffer'], input);
  return output.toString().split('\n').filter((line) => /^[0-9a-f]+$/.test(line)); // prettier-ignore
}

/** Whether all that the refs reach is there: a file that cannot be read is not looked into. */
export async function isConnected(mirror: Mirror): Promise<boolean> {
  try {
    await runMirror(mirror, ['rev-list', '--objects', '--quiet', '--all']);
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.isItsOwn && !error.isShortage) return false;
    throw error;
  }
}

export const keptRefOf = (id: string): string => `refs/tributary/keep/${id}`;

/** Old tips that no ref reaches any more get a ref of ours, so that no clean-up by hand takes their history away. */
export async function keepTips(mirror: Mirror, ids: readonly string[]): Promise<void> {
  const input = ids.map((id) => `update ${keptRefOf(id)} ${id}\n`).join('');
  if (input !== '') await runMirror(mirror, ['update-ref', '--stdin'], input);
}

export function runMirror(
  { directory, signal }: Mirror,
  args: readonly string[],
  input?: string | Buffer,
): Promise<Buffer> {
  return runGit({ args, mirror: directory, signal, input });
}

/** The same, of a command that reads objects: what ends it otherwise may be damage. */
export async function readMirror(mirror: Mirror, args: readonly string[], input?: string): Promise<Buffer> {
  try {
    return await runMirror(mirror, args, input);
  } catch (error) {
    throw error instanceof GitFailure ? readFailure(mirror.signal, error) : error;
  }
}
