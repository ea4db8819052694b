// The words of TRIBUTARY_EXTENSIONS as paths of modules: a path from where the command is run, or the name of a package that
// is installed there or in the home.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveImport } from 'import-meta-resolve';
import { InvalidInput } from './domain/errors.js';

export interface ExtensionVariables {
  readonly TRIBUTARY_EXTENSIONS?: string | undefined;
  /** Its former name, when stages were all there was: one path. */
  readonly TRIBUTARY_STAGES?: string | undefined;
}

/** Throws InvalidInput when both names are used for different things. */
export function namedExtensions(
  { TRIBUTARY_EXTENSIONS: list = '', TRIBUTARY_STAGES: former }: ExtensionVariables,
  directory: string,
  home: string,
): readonly string[] {
  const paths = extensionPaths(list, directory, home);
  const formerPath = former === undefined ? undefined : resolve(directory, former);
  if (formerPath === undefined || paths.includes(formerPath)) return paths;
  if (paths.length === 0) return [formerPath];
  throw new InvalidInput(
    'environment',
    'TRIBUTARY_STAGES is the former name of TRIBUTARY_EXTENSIONS, and both are set; expected all modules in TRIBUTARY_EXTENSIONS',
  );
}

/** Absolute; a word that leads nowhere stays as it is, for whoever loads it to refuse. Commas are between them. */
export function extensionPaths(list: string, directory: string, home: string): string[] {
  return wordsOf(list).map((word) => {
    const path = resolve(directory, word);
    if (/^[./~]/.test(word) || existsSync(path)) return path;
    return packagePath(word, directory) ?? packagePath(word, home) ?? word;
  });
}

/** What `extensionPaths` reads as these paths. */
export function extensionList(paths: readonly string[]): string | undefined {
  if (paths.length === 0) return undefined;
  return paths.some((path) => path.includes(',')) ? JSON.stringify(paths) : paths.join(',');
}

/** A list of JSON is for paths with commas. */
function wordsOf(list: string): string[] {
  if (!list.trim().startsWith('['))
    return list
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '');
  try {
    const words: unknown = JSON.parse(list);
    return Array.isArray(words) ? words.filter((word) => typeof word === 'string') : [list];
  } catch {
    return [list];
  }
}

/** As an import in that directory would find it; Node's own `import.meta.resolve` asks only for the module it stands in. */
function packagePath(name: string, directory: string): string | null {
  try {
    return fileURLToPath(resolveImport(name, pathToFileURL(join(directory, 'extensions.js')).href));
  } catch {
    return null;
  }
}
