// What the origin has now: its refs, as one cheap question. Everything it says is bytes from outside.
import { isUtf8 } from 'node:buffer';
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidInput, type EngineError } from '../../domain/errors.js';
import type { SourceContext } from '../../domain/source.js';
import { gitLimits } from './limits.js';
import { accessOf } from './access.js';
import { damagedRepository, GitFailure, originFailure, refusedAccess } from './git-failure.js';
import { runGit, type GitCommand } from './git-process.js';
import { localPath, originOf, type GitOptions } from './options.js';
import { matchesRef } from './ref-globs.js';

/** Ref name to object id, as hex of either hash. */
export type Tips = ReadonlyMap<string, string>;

export interface OriginRefs {
  readonly tips: Tips;
  /** The branch that HEAD stands for; null when it is detached, not followed, or the server does not tell. */
  readonly head: string | null;
}

/**
 * For a repository on this machine. git refuses to serve another user's repository unless that user's own settings, which
 * we do not read, allow it. Serving runs none of its hooks, filters or helpers, so it is allowed for this one process. With its
 * grafts it would leave out what commits really have for parents.
 */
const localUploadPack = ['--upload-pack=GIT_GRAFT_FILE=/dev/null/none git -c safe.directory=* upload-pack'];

export function transportOptions(url: string): readonly string[] {
  return localPath(url) === undefined ? [] : localUploadPack;
}

/** What is asked for, and with whose permission. */
export type Asked = Pick<SourceContext<GitOptions>, 'options' | 'secret' | 'signal'>;

/** The refs that match the globs. `first`: nothing was ever read from here, so a failure is the url's. */
export async function originRefs(asked: Asked, first: boolean): Promise<OriginRefs> {
  const { options } = asked;
  const output = await lsRemote(asked, { first });
  const tips = tipsOf(output, options.refs, '');
  return { tips, head: tips.has('HEAD') ? headOf(output) : null };
}

export interface AskedHow extends Pick<GitCommand, 'settings' | 'environment'> {
  readonly first?: boolean;
}

export async function lsRemote(asked: Asked, { first = false, settings = [], environment }: AskedHow): Promise<Buffer> {
  const { options, signal } = asked;
  const url = originOf(options);
  const access = await accessOf(asked);
  const how = {
    ...access,
    settings: [...access.settings, ...settings],
    environment: { ...access.environment, ...environment },
  };
  try {
    return await runGit({
      args: ['ls-remote', '--quiet', '--symref', ...transportOptions(url), '--end-of-options', url],
      signal,
      ...how,
    });
  } catch (error) {
    throw error instanceof GitFailure ? await explained(error, url, first) : error;
  }
}

/** Globs that every ref matches. */
export const allRefs: readonly string[] = ['HEAD', 'refs/*'];

/** git says of a directory it may not enter that there is no repository. */
async function explained(failure: GitFailure, url: string, first: boolean): Promise<EngineError> {
  const path = localPath(url);
  const code = path === undefined ? undefined : await access(path, constants.R_OK).then(() => undefined, (error: NodeJS.ErrnoException) => error.code); // prettier-ignore
  if (code === 'EACCES') return refusedAccess(url, `git said: ${failure.stderr}`, first);
  const error = originFailure(failure, url, first);
  // git says of a repository whose HEAD is no ref that it is none.
  const isNone = error instanceof InvalidInput || error.code === 'git_no_repository';
  const isDamaged = path !== undefined && isNone && (await looksLikeRepository(path));
  return isDamaged ? damagedRepository(url, `git said: ${failure.stderr}`) : error;
}

async function looksLikeRepository(path: string): Promise<boolean> {
  const parts = ['objects', 'HEAD'];
  const has = (directory: string): Promise<boolean> => Promise.all(parts.map((name) => access(join(directory, name)))).then(() => true, () => false); // prettier-ignore
  return (await has(path)) || has(join(path, '.git'));
}

/** Reads lines of `id<TAB>ref` (ls-remote) or `id ref` (for-each-ref); peeled tags (`^{}`) are not refs. */
export function tipsOf(output: Buffer, globs: readonly string[], prefix: string): Tips {
  const tips = new Map<string, string>();
  for (const line of linesOf(output)) {
    const [, id, name] = /^([0-9a-f]{40}|[0-9a-f]{64})[\t ]([^\n]+)$/.exec(line) ?? [];
    if (id === undefined || name === undefined || !name.startsWith(prefix)) continue;
    const ref = name.slice(prefix.length);
    if (ref.endsWith('^{}') || !matchesRef(globs, ref)) continue;
    // Of a file named `main (copy)` protocol 2 says `main`, with an id of zeros: there may be a main beside it.
    const hasTwo = tips.has(ref) && [tips.get(ref)!, id].some((one) => /^0+$/.test(one));
    if (hasTwo) tips.set(`${ref} …`, '0'.repeat(id.length));
    if (!hasTwo || !/^0+$/.test(id)) tips.set(ref, id);
  }
  if (tips.size > gitLimits.refsMax) {
    throw new InvalidInput(
      'refs',
      `match ${tips.size} refs, at most ${gitLimits.refsMax} can be followed; name fewer, like refs/heads/*`,
    );
  }
  return tips;
}

function headOf(output: Buffer): string | null {
  return linesOf(output).flatMap((line) => /^ref: ([^\n]+)\tHEAD$/.exec(line)?.[1] ?? [])[0] ?? null;
}

/** A ref name may be any bytes; as a key it must be text, and two names must not become one. */
function linesOf(output: Buffer): string[] {
  if (isUtf8(output)) return output.toString().split('\n');
  return output.toString('latin1').split('\n').map((line) => refText(Buffer.from(line, 'latin1'))); // prettier-ignore
}

/** Bytes that are no UTF-8 read `\xe9`: no ref name can hold a backslash. Each name by itself, or one would change others. */
function refText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  return bytes
    .toString('latin1')
    .replaceAll(/[\u0080-\u00ff]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}

/** The bytes of a name that is no UTF-8; undefined where the text is the name. */
export function refBytes(ref: string): Buffer | undefined {
  if (!ref.includes('\\')) return undefined;
  return Buffer.from(
    ref.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}
