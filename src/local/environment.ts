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

export function searchPath(environment: Environment): string[] {
  return (environment['PATH'] ?? '').split(delimiter).filter((directory) => isAbsolute(directory));
}

/** A directory of this user that may be deleted at any time at the price of a download or a build. */
export function cacheDirectory(environment: Environment): string {
  const given = environment['XDG_CACHE_HOME'];
  const base = given !== undefined && isAbsolute(given) ? given : join(environment['HOME'] ?? homedir(), '.cache');
  return join(base, 'tributary');
}
