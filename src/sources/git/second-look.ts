// A second look at refs that the first look missed, in another way. An empty answer is what an empty repository, an empty
// `info/refs`, and a login page in one line look like to git: all end with 0 and name no ref.
import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { SecondLook } from '../../domain/deletions.js';
import { InvalidInput } from '../../domain/errors.js';
import type { SourceContext } from '../../domain/source.js';
import { GitFailure } from './git-failure.js';
import { runGit } from './git-process.js';
import { localPath, originOf, type GitOptions } from './options.js';
import { allRefs, lsRemote, refBytes, tipsOf, type OriginRefs } from './origin.js';
import { matchesRef } from './ref-globs.js';

const noGitServer = 'the answer is not that of a git server (an empty file, a login or an error page?)';

type Context = SourceContext<GitOptions>;

/** Throws unless the refs that are gone may be told deleted. Refs that the globs no longer name were left by a person. */
export async function admitGoneRefs(context: Context, before: OriginRefs, now: OriginRefs): Promise<void> {
  const known = [...before.tips.keys()].filter((ref) => matchesRef(context.options.refs, ref));
  const gone = known.filter((ref) => !now.tips.has(ref));
  await context.admitDeletions({ what: 'refs', known: known.length, gone, lookAgain: () => lookAgain(context, gone) });
}

/** Nothing was ever read from here, and no ref that is followed was named: is it a repository at all? */
export async function requireRepository(context: Context): Promise<void> {
  const url = originOf(context.options);
  if ((await lsRemote(context, { first: true })).length > 0) return;
  const second = await lookAgain(context, []);
  if ('unproven' in second) throw new InvalidInput('url', `found no git repository at ${url}: ${second.unproven}`);
}

async function lookAgain(context: Context, gone: readonly string[]): Promise<SecondLook> {
  const url = originOf(context.options);
  const path = localPath(url);
  if (path !== undefined) return lookIntoFiles(path, gone, context.signal).catch(unprovenBy);
  return /^https?:/i.test(url) ? askOverHttp(context, gone) : { found: await stillNamed(context, gone) };
}

/**
 * Protocol 0 asks for all refs in the first answer, where protocol 2 sends a request of its own. Only a git server begins it
 * with `# service=`; without that line the answer is a file's, a proxy's or a login page's, which proves nothing.
 */
async function askOverHttp(context: Context, gone: readonly string[]): Promise<SecondLook> {
  // Of its own name: git appends, and what an earlier look left must not prove this one.
  const trace = join(context.directory, `second-look-${randomUUID()}`);
  await mkdir(context.directory, { recursive: true, mode: 0o700 });
  try {
    const found = await stillNamed(context, gone, { GIT_TRACE_PACKET: trace });
    const said = await readFile(trace, 'latin1').catch(() => '');
    return said.includes('< # service=git-upload-pack') ? { found } : { unproven: noGitServer };
  } finally {
    await rm(trace, { force: true });
  }
}

async function stillNamed(
  context: Context,
  gone: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<string[]> {
  const output = await lsRemote(context, { settings: ['protocol.version=0'], environment });
  const tips = tipsOf(output, allRefs, '');
  return gone.filter((ref) => tips.has(ref));
}

/** Where the server process of a repository here finds nothing: its files, and what a deletion by git would have removed. */
async function lookIntoFiles(path: string, gone: readonly string[], signal: AbortSignal): Promise<SecondLook> {
  const directory = await repositoryAt(path, signal);
  if (directory === undefined) return { unproven: `${path} holds no repository that git can open` };
  const run = async (...args: string[]) => runGit({ args, mirror: directory, signal });
  const tips = tipsOf(await run('for-each-ref', '--format=%(objectname) %(refname)'), allRefs, '');
  const head = await run('rev-parse', '--verify', '--quiet', 'HEAD').then(() => true, falseOnFailure);
  const shared = resolve(directory, (await run('rev-parse', '--git-common-dir')).toString().trim());
  if (await isCutOff(join(shared, 'packed-refs'))) return { unproven: `${shared}/packed-refs is empty or cut off` };
  const found: string[] = [];
  for (const ref of gone) {
    if (ref === 'HEAD' ? head : tips.has(ref) || (await leftTraces(shared, ref))) found.push(ref);
  }
  return { found };
}

/** As `git upload-pack` finds it: the directory itself comes after its .git, which may be a file that names another. */
async function repositoryAt(path: string, signal: AbortSignal): Promise<string | undefined> {
  for (const candidate of [`${path}/.git`, path, `${path}.git/.git`, `${path}.git`]) {
    const found = await runGit({ args: ['rev-parse', '--resolve-git-dir', candidate], signal }).catch(falseOnFailure);
    if (found !== false) return found.toString().replace(/\n$/, '');
  }
  return undefined;
}

/** git writes a first line into it when no ref is left, and ends each; what a crash or a full disk left of it proves nothing. */
async function isCutOff(packedRefs: string): Promise<boolean> {
  const bytes = await readFile(packedRefs).catch(() => undefined);
  return bytes !== undefined && bytes.at(-1) !== lineFeed;
}

const lineFeed = 10;

/** A file of a broken ref, or the reflog of one whose file was lost: git removes both when it deletes a ref. */
async function leftTraces(shared: string, ref: string): Promise<boolean> {
  const name = refBytes(ref) ?? Buffer.from(ref);
  for (const folder of ['', 'logs/']) {
    const path = Buffer.concat([Buffer.from(`${shared}/${folder}`), name]);
    if (await lstat(path).then((file) => file.isFile(), () => false)) return true; // prettier-ignore
  }
  return false;
}

function unprovenBy(error: unknown): SecondLook {
  if (!(error instanceof GitFailure)) throw error;
  return { unproven: `its files cannot be looked into (${error.message})` };
}

function falseOnFailure(error: unknown): false {
  if (error instanceof GitFailure) return false;
  throw error;
}
