// A repository whose settings, attributes and hooks all name one program, which leaves a canary when anybody runs it.
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory, type Repository } from './repository.js';

export interface Trap {
  readonly program: string;
  readonly sprung: () => boolean;
}

/** A program that leaves a canary whenever anybody runs it, with any arguments. */
export function trap(): Trap {
  const directory = temporaryDirectory();
  const [program, canary] = [join(directory, 'evil'), join(directory, 'canary')];
  writeFileSync(program, `#!/bin/sh\ntouch ${canary}\nexec cat\n`);
  chmodSync(program, 0o755);
  return { program, sprung: () => existsSync(canary) };
}

const programs = [
  'core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'core.askPass', 'core.gitProxy', 'core.alternateRefsCommand', 'gpg.program', 'uploadpack.packObjectsHook', 'diff.external', 'diff.evil.command',
  'diff.evil.textconv', 'diff.cpp.textconv', 'diff.cpp.command', 'diff.tributary.textconv', 'diff.tributary.command', 'filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process', 'filter.lfs.process',
  'filter.lfs.smudge', 'merge.evil.driver', 'interactive.diffFilter', 'credential.helper', 'remote.origin.uploadpack', 'receive.procReceiveRefs', 'pager.diff-tree', 'trailer.x.command', 'alias.diff-tree',
]; // prettier-ignore

/** Everything a repository's own settings can name, and attributes that ask for it in the tree and beside it. */
export function armed(repository: Repository, { program }: Trap): void {
  for (const key of programs) repository.git(['config', key, key.startsWith('alias.') ? `!${program}` : program]);
  for (const key of ['log.showSignature', 'filter.evil.required', 'diff.evil.cachetextconv', 'core.symlinks', 'transfer.bundleURI', 'fetch.recurseSubmodules', 'submodule.recurse']) repository.git(['config', key, 'true']);
  repository.git(['config', 'fetch.bundleURI', `file://${program}`]);
  const directory = join(repository.path, '.git');
  mkdirSync(join(directory, 'info'), { recursive: true });
  writeFileSync(join(directory, 'info', 'attributes'), attributes);
  writeFileSync(join(directory, 'attributes'), attributes);
  repository.git(['config', 'core.attributesFile', join(directory, 'attributes')]);
  const hooks = join(directory, 'hooks');
  mkdirSync(hooks, { recursive: true });
  for (const hook of ['post-checkout', 'reference-transaction', 'post-index-change', 'pre-auto-gc', 'fsmonitor-watchman', 'update', 'pre-receive']) if (!existsSync(join(hooks, hook))) symlinkSync(program, join(hooks, hook));
  repository.git(['config', 'core.hooksPath', hooks]);
}

export const attributes = '* filter=evil diff=evil merge=evil working-tree-encoding=UTF-16\n*.c diff=cpp\n*.ts diff=tributary\n*.psd filter=lfs diff=lfs\n';
