// What a user may say about a repository. A url ends up in git's argv and picks its transport, so it is checked before
// git sees it: the url `ext::sh -c …` is a command, and `--upload-pack=…` was run where a url was expected.
import { isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { instantOf } from '../../domain/instant.js';
import { sourceIdFrom } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { gitLimits } from './limits.js';
import { accessOptions, accessProblem, type AccessOptions } from './access.js';
import { pathGlobProblem, pathGlobsMax } from '../path-globs.js';
import { refGlobProblem } from './ref-globs.js';

const schemes = ['https', 'http', 'ssh', 'git', 'file'];
const expectedUrl = `expected an absolute path, ${schemes.map((scheme) => `${scheme}://`).join(', ')} or user@host:path`;

const expectedInstant = 'expected RFC 3339 like 2024-01-31T00:00:00Z, or a day like 2024-01-31, which begins in UTC';

const pathGlobs = z
  .array(z.string({ error: 'expected text like src/**/*.ts' }).superRefine(refuse(pathGlobProblem)), {
    error: 'expected a list like ["src/**"]',
  })
  .max(pathGlobsMax, `has more than ${pathGlobsMax} entries`)
  .default([]);

const yesOrNo = z.boolean({ error: 'expected true or false' });

export const options = z
  .strictObject({
    url: z
      .string({ error: `is missing or no text; ${expectedUrl}` })
      .max(limits.optionCharsMax, `is longer than ${limits.optionCharsMax} characters`)
      .superRefine(refuse(urlProblem))
      .describe('where the repository is: a url, user@host:path, or a path'),
    refs: z
      .array(z.string({ error: 'expected text like refs/heads/*' }).superRefine(refuse(refGlobProblem)), {
        error: 'expected a list like ["refs/heads/*"]',
      })
      .min(1, 'is empty; expected at least one, like refs/heads/*')
      .max(gitLimits.refGlobsMax, `has more than ${gitLimits.refGlobsMax} entries`)
      .default(['HEAD', 'refs/heads/*', 'refs/tags/*'])
      .describe('which refs to follow; HEAD is there for a checkout that stands on no branch'),
    renames: yesOrNo
      .default(true)
      .describe('a file that moved is one change (alike by at least half), not a deletion and an addition'),
    maxCommits: z
      .int({ error: 'expected a whole number' })
      .min(1, 'expected at least 1')
      .max(1_000_000_000, 'expected at most 1000000000')
      .optional()
      .describe('at most so many commits in one run, oldest first; the next run goes on. Without it all'),
    include: pathGlobs.describe(
      'paths of file changes that become events, all without it; the commit is stored whatever its files',
    ),
    exclude: pathGlobs.describe('paths of file changes that do not'),
    since: z
      .string({ error: expectedInstant })
      .refine((text) => secondsOf(text) !== null, `is no moment; ${expectedInstant}`)
      .optional()
      .describe('commits older than this, by committer date, are passed over'),
    diff: z
      .enum(['none', 'stats', 'patch'], { error: 'expected none, stats or patch' })
      .default('stats')
      .describe('how far changes are read: which files; how many lines of each; the patches themselves'),
    copies: yesOrNo
      .default(false)
      .describe('a new file that is alike by at least half to one changed by the same commit is a copy of it'),
    symbols: yesOrNo
      .optional()
      .describe('the symbols that a change touches are read; with patches they are, unless this is false'),
    ...accessOptions,
  })
  .superRefine(refuseContradictions);
export type GitOptions = z.infer<typeof options>;

interface Chosen extends AccessOptions {
  readonly url: string;
  readonly renames: boolean;
  readonly copies: boolean;
  readonly diff: string;
  readonly symbols?: boolean | undefined;
}

function refuseContradictions({ renames, copies, diff, symbols, ...reached }: Chosen, context: z.RefinementCtx): void {
  const issue = (field: string, message: string): void => context.addIssue({ code: 'custom', path: [field], message });
  if (copies && !renames)
    issue('copies', 'is true while renames is false; git finds copies only with renames, leave one of them out');
  if (symbols === true && diff === 'none')
    issue('symbols', 'is true while diff is none; symbols are read from changed lines, expected diff stats or patch');
  const access = accessProblem(reached);
  if (access !== null) issue(...access);
}

/** Unix time of the option since, or null when the text is no moment. */
export function secondsOf(text: string): number | null {
  const instant = instantOf(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  return instant === null ? null : Date.parse(instant) / 1_000;
}

function refuse(problem: (text: string) => string | null): (text: string, context: z.RefinementCtx) => void {
  return (text, context) => {
    const message = problem(text);
    if (message !== null) context.addIssue({ code: 'custom', message });
  };
}

/** Why git must not get this url, or null. Never repeats the value: it may hold a password. */
export function urlProblem(url: string): string | null {
  if (url.trim() === '') return `is empty; ${expectedUrl}`;
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(url)) return `holds a control character; ${expectedUrl}`;
  if (url.startsWith('-')) return `starts with '-', which git reads as an option; ${expectedUrl}`;
  if (isAbsolute(url)) return null;
  if (/^[^/:]*::/.test(url)) return `names a transport helper ('…::'), which runs a command; ${expectedUrl}`;
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return schemeProblem(url);
  return /^[^/:]+:/.test(url)
    ? scpProblem(url)
    : `is a relative path, and the worker has another working directory; ${expectedUrl}`;
}

function schemeProblem(url: string): string | null {
  const parsed = URL.parse?.(url) ?? parseOrNull(url);
  if (parsed === null) return `is not a valid url; ${expectedUrl}`;
  const scheme = parsed.protocol.slice(0, -1);
  if (!schemes.includes(scheme)) return `has the scheme ${scheme}, which is not allowed; ${expectedUrl}`;
  if (/%0[0ad]/i.test(url)) return `holds an encoded line break or NUL; ${expectedUrl}`;
  if (/%(?![0-9a-f]{2})/i.test(url))
    return `holds a '%' that begins no code of two hexadecimal digits; write %25 for a '%' itself`;
  if (scheme === 'file') return fileProblem(parsed);
  if (parsed.password !== '' || (parsed.username !== '' && scheme !== 'ssh')) return credentialProblem;
  // Authority as written: `new URL` drops what it does not understand, git would not.
  const host = url
    .slice(url.indexOf('//') + 2)
    .split('/')[0]!
    .replace(/^[^@]*@/, '');
  if (host === '' || host.startsWith('-') || decoded(parsed.username).startsWith('-')) {
    return `has no host, or one that starts with '-', which ssh reads as an option; ${expectedUrl}`;
  }
  if (parsed.search !== '' || parsed.hash !== '')
    return `has a query or fragment, which no git server reads; leave it out`;
  return null;
}

const credentialProblem =
  'holds a user name or password, which would be stored and shown; use ssh with an agent or key, or the option token';

function parseOrNull(url: string): URL | null {
  try {
    return new URL(url);
  } catch {
    return null;
  }
}

/** Codes of bytes that are no UTF-8 stay codes: git passes them on as they are. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function fileProblem({ hostname, pathname }: URL): string | null {
  if (hostname !== '' && hostname !== 'localhost') return `is a file url with a host; expected file:///absolute/path`;
  if (pathname === '/') return `names no directory; expected file:///absolute/path`;
  // Node has no name for either.
  const named = !/%2f/i.test(pathname) && (!pathname.includes('%') || decoded(pathname) !== pathname);
  return named ? null : `is a file url whose path is no UTF-8 or holds a coded '/'; expected file:///absolute/path`;
}

function scpProblem(url: string): string | null {
  const [, user = '', host = '', path = ''] = /^(?:([^@/]*)@)?([^:/]+):(.*)$/.exec(url) ?? [];
  if (user.includes(':')) return credentialProblem;
  if (host === '' || path === '') return `names no host or no path; ${expectedUrl}`;
  if (user.startsWith('-') || host.startsWith('-') || path.startsWith('-')) {
    return `has a part that starts with '-', which ssh reads as an option; ${expectedUrl}`;
  }
  return null;
}

/** The directory, when the repository is on this machine. */
export function localPath(url: string): string | undefined {
  if (isAbsolute(url)) return resolve(url);
  return /^file:\/\//i.test(url)
    ? resolve(fileURLToPath(url.replace(/^file:\/\/localhost\//i, 'file:///')))
    : undefined;
}

export function originOf({ url }: Pick<GitOptions, 'url'>): string {
  return localPath(url) ?? url.replace(/\/+$/, '');
}

/** `https://host/acme/api.git` is acme/api; a directory is known by its own name. */
export function defaultIdOf({ url }: Pick<GitOptions, 'url'>): string {
  const local = localPath(url);
  if (local !== undefined)
    return sourceIdFrom(
      local
        .replace(/\/\.git$/, '')
        .split('/')
        .pop()!
        .replace(/\.git$/, ''),
    );
  const path = /^[a-z][a-z0-9+.-]*:\/\//i.test(url) ? decoded(new URL(url).pathname) : url.slice(url.indexOf(':') + 1);
  return sourceIdFrom(path.replace(/\/+$/, '').replace(/\.git$/, ''));
}
