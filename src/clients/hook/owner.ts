// Hooks that are not this repository's alone to change: a hook manager writes them anew, or others share them. Then ours
// is a script beside them, and one line of the manager's configuration runs it.
import { join, sep } from 'node:path';
import { InvalidInput } from '../../domain/errors.js';
import type { HookFile } from './hook-file.js';
import { isInside, type Repository } from './repository.js';

/** Under the git directory: no work tree, no other clone and no hook manager has it. */
const scriptFolder = 'tributary';

/** For a hook that is shared with people who have no Tributary: it must do nothing there. */
export const managedLine = `hook="$(git rev-parse --git-common-dir)/${scriptFolder}/post-commit"; [ ! -f "$hook" ] || sh "$hook"`;

export function scriptDirectory({ gitDirectory }: Repository): string {
  return join(gitDirectory, scriptFolder);
}

/** Directories where hooks of ours may be, also those of before somebody set core.hooksPath. */
export function hookDirectories(repository: Repository): string[] {
  const own = isInside(repository, repository.hooks) ? [repository.hooks] : [];
  return [...new Set([...own, join(repository.gitDirectory, 'hooks')])].filter((directory) =>
    isInside(repository, directory),
  );
}

/** Throws, with what to do instead, where a hook of ours would be lost, or be found by others. */
export function refuseManaged(repository: Repository, files: readonly HookFile[]): void {
  const manager = managerOf(repository, files);
  if (manager === null) return;
  throw new InvalidInput(
    'hook',
    `${manager}; run \`tributary hook install --script-only\`, and have the post-commit hook there run this line: ${managedLine}`,
  );
}

function managerOf(repository: Repository, files: readonly HookFile[]): string | null {
  const { hooks } = repository;
  const where = `git takes its hooks from ${JSON.stringify(hooks)}`;
  if (hooks.split(sep).includes('.husky')) return `${where}, which husky writes anew (yours are in .husky)`;
  if (!isInside(repository, hooks)) return `${where}, which is not this repository's alone (core.hooksPath, or a link)`;
  // They overwrite what they find changed, or find out by the hook's own name what to run.
  for (const name of ['lefthook', 'overcommit']) {
    if (files.some(({ state, text }) => state === 'other' && text.toLowerCase().includes(name)))
      return `the hooks in ${JSON.stringify(hooks)} are written by ${name}`;
  }
  return null;
}
