// Whether a word names a git repository, so that nobody has to say `git`.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { localPath } from './options.js';

/** A repository on this machine, bare or with a work tree; or a url that can be nothing else. Nothing is asked of a server. */
export function isRepository(place: string): boolean {
  const directory = localPath(place);
  return directory === undefined ? isRepositoryUrl(place) : isRepositoryDirectory(directory);
}

/** Of a linked work tree or a submodule `.git` is a file. */
function isRepositoryDirectory(directory: string): boolean {
  return (
    existsSync(join(directory, '.git')) ||
    ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(directory, name)))
  );
}

/** Any web page may stand behind https; what ends in .git does not. user@host:path is git's own form. */
function isRepositoryUrl(url: string): boolean {
  if (/^(git|ssh|git\+ssh):\/\//i.test(url)) return true;
  if (/^https?:\/\//i.test(url)) return /\.git\/?$/i.test(url);
  return /^[^/:@]+@[^/:]+:./.test(url);
}
