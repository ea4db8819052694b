// What is inherited, not configured: the operating system's search path and cache directory, and what a child process gets.
// Nothing of ours is configured here; that is config.ts.
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

export type Environment = Readonly<Record<string, string | undefined>>;

export const inherited: Environment = process.env;

/** The environment of a child process: ours, with `own` on top; undefined takes a variable away. */
export function childEnvironment(own: Environment): NodeJS.ProcessEnv {
  return { ...inherited, ...own };
}

/** What every program of this machine may know; a proxy's URL may hold a password and is not among it. */
const harmless =
  /^(PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TZ|TMPDIR|TMP|TEMP|LD_LIBRARY_PATH|NODE_ENV|NODE_EXTRA_CA_CERTS|SSL_CERT_(FILE|DIR))$/;

/** Of a process that runs an operator's extensions: no secret of ours, of a server's or of a cloud's, but what is `named`. */
export function extensionEnvironment(
  named: readonly string[],
  environment: Environment = inherited,
): NodeJS.ProcessEnv {
  const given = Object.entries(environment).filter(([name]) => harmless.test(name) || named.includes(name));
  return Object.fromEntries(given);
}

export function searchPath(environment: Environment): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
}

/** A directory of this user that may be deleted at any time at the price of a download or a build. */
export function cacheDirectory(environment: Environment): string {
  const given = environment['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(environment['HOME'] ?? homedir(), '.cache');
  return join(base, 'tributary');
}
