// Where git keeps the hooks of a repository. It is the user's own command on their own repository, so git runs with their
// own configuration: core.hooksPath is in it.
import { isUtf8 } from 'node:buffer';
import { execFile, type ExecFileException } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { InvalidInput, NeedsAttention } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { childEnvironment } from '../../local/environment.js';

export interface Repository {
  /** The path it was asked for by, absolute. */
  readonly path: string;
  /** What all worktrees share. */
  readonly gitDirectory: string;
  /** Null inside the git directory. */
  readonly workTree: string | null;
  /** Where git looks for hooks; it may not exist. */
  readonly hooks: string;
}

/** Throws InvalidInput for a path that is in no repository, or in a bare one. */
export async function findRepository(given: string): Promise<Repository> {
  const path = resolve(given);
  if ((await ask(path, '--is-bare-repository')) === 'true') {
    throw new InvalidInput(
      'path',
      `${JSON.stringify(path)} is a bare repository: nobody commits in it, so no commit hook runs; \`tributary sync git\` reads it`,
    );
  }
  const gitDirectory = await ask(path, '--git-common-dir');
  const workTree = await ask(path, '--show-toplevel').catch(() => null);
  // A relative core.hooksPath counts from the top of the work tree, where git runs hooks.
  const hooks = await ask(workTree ?? path, '--git-path', 'hooks').catch((error: unknown) =>
    unreachableHooks(workTree ?? path, error),
  );
  return { path, gitDirectory, workTree, hooks };
}

/** In a linked worktree `.git` is a file, so that a relative core.hooksPath like .git/hooks leads nowhere there. */
async function unreachableHooks(top: string, error: unknown): Promise<never> {
  if (!(error instanceof InvalidInput)) throw error;
  const hooksPath = await answer(top, ['config', '--get', 'core.hooksPath']).catch(() => null);
  if (hooksPath === null) throw error;
  throw new InvalidInput(
    'core.hooksPath',
    `is ${JSON.stringify(hooksPath)}, which leads nowhere in ${JSON.stringify(top)}, so git runs no hook there (in a linked worktree .git is a file); make it an absolute path or unset it: git config --unset core.hooksPath`,
  );
}

/** Directories that a source may have as its origin and mean this repository. */
export function originsOf({ gitDirectory, workTree }: Repository): string[] {
  const main = basename(gitDirectory) === '.git' ? [dirname(gitDirectory)] : [];
  return [...new Set([...(workTree === null ? [] : [workTree]), gitDirectory, ...main].map(realPath))];
}

/** Whether a path, with all links followed, is in the git directory; then it is this repository's alone. */
export function isInside({ gitDirectory }: Repository, path: string): boolean {
  const way = relative(realPath(gitDirectory), realPath(path));
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** As realpath, for what is not there yet: by its nearest directory that is. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}

/** These would answer for another repository than the one at the path: set while git runs a hook or an alias. */
const local = {
  GIT_DIR: undefined,
  GIT_WORK_TREE: undefined,
  GIT_COMMON_DIR: undefined,
  GIT_INDEX_FILE: undefined,
  GIT_PREFIX: undefined,
};

/** One question at a time: a path may hold line breaks, and only the last one is git's. */
function ask(path: string, ...question: string[]): Promise<string> {
  return answer(path, ['rev-parse', '--path-format=absolute', ...question]);
}

function answer(path: string, question: readonly string[]): Promise<string> {
  const words = ['-C', path, ...question];
  return new Promise((resolved, refuse) => {
    const options = {
      env: childEnvironment({ ...local, LC_ALL: 'C' }),
      encoding: 'buffer',
      timeout: limits.hookGitMs,
    } as const;
    execFile('git', words, options, (error, output, said) => {
      if (error !== null) refuse(failureOf(error, path, said));
      else if (!isUtf8(output))
        refuse(new InvalidInput('path', 'the repository lies at a path that is no UTF-8, which no source can name'));
      else resolved(output.toString().replace(/\n$/, ''));
    });
  });
}

function failureOf(error: ExecFileException, path: string, said: Buffer): Error {
  if (error.code === 'ENOENT')
    return new NeedsAttention('git_not_found', 'git cannot be started; install git 2.31 or later and have it on PATH');
  return new InvalidInput(
    'path',
    `found no git repository at ${JSON.stringify(path)}; git said: ${said.toString().trim()}`,
  );
}
