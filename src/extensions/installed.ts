// The source types there are here: those that come with Tributary, and those of the modules of TRIBUTARY_EXTENSIONS. The
// one place where worker and commands get them.
import type { Config } from '../config.js';
import { InvalidInput } from '../domain/errors.js';
import type { Source } from '../domain/source.js';
import { builtInSources, createRegistry, type SourceRegistry } from '../sources/index.js';
import { loadModules, type ExtensionModule } from './module.js';

export interface Installed {
  /** All of them. */
  readonly sources: readonly Source[];
  readonly registry: SourceRegistry;
  readonly modules: readonly ExtensionModule[];
}

/** `own`: those of the program itself. Throws InvalidInput that names the module. */
export async function installed(
  { extensions }: Pick<Config, 'extensions'>,
  own: readonly Source[] = [],
): Promise<Installed> {
  const modules = await loadModules(extensions);
  const sources = [...allSources(modules), ...own];
  return { modules, sources, registry: createRegistry(sources) };
}

/** Throws InvalidInput when a type is there twice: which of the two would run must not depend on order. */
function allSources(modules: readonly ExtensionModule[]): Source[] {
  const [taken, own] = [
    new Map(builtInSources.map(({ type }) => [type, 'Tributary itself'])),
    modules.flatMap(({ sources }) => sources),
  ];
  for (const { path, sources } of modules) {
    for (const { type } of sources) {
      if (taken.has(type))
        throw new InvalidInput(
          'TRIBUTARY_EXTENSIONS',
          `the export sources of ${path}: there is a source type ${type} already, of ${taken.get(type)}`,
        );
      taken.set(type, path);
    }
  }
  return [...builtInSources, ...own];
}
