// What an operator adds, in modules that TRIBUTARY_EXTENSIONS names: `sources` (docs/adding-a-source.md), `stages`
// (docs/adding-a-stage.md; also as the default export) and `processors` (docs/enrichment.md). One of them is enough.
import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidInput } from '../domain/errors.js';
import { checkEventStages, type EventStage } from '../domain/event-stage.js';
import type { Processor } from '../domain/processor.js';
import type { Source } from '../domain/source.js';
import { thrownText } from '../domain/thrown.js';
import { sourceProblem } from './source-form.js';

export interface ExtensionModule {
  readonly path: string;
  readonly sources: readonly Source[];
  readonly stages: readonly EventStage[];
  readonly processors: readonly Processor[];
}

const variable = 'TRIBUTARY_EXTENSIONS';

/** In their order. Throws InvalidInput that names the variable, the module and the export. */
export async function loadModules(paths: readonly string[]): Promise<ExtensionModule[]> {
  const modules: ExtensionModule[] = [];
  for (const path of paths) modules.push(moduleOf(path, await load(path)));
  checkEventStages(modules.flatMap(({ stages }) => stages));
  return modules;
}

type Exports = Readonly<Record<string, unknown>>;

async function load(path: string): Promise<Exports> {
  if (!isAbsolute(path)) {
    throw new InvalidInput(
      variable,
      `${path} is no file here, and no package in node_modules of this directory or of TRIBUTARY_HOME; install it there, or give its path`,
    );
  }
  try {
    return (await import(pathToFileURL(path).href)) as Exports;
  } catch (error) {
    throw new InvalidInput(variable, `${path} cannot be loaded: ${thrownText(error)}`, { cause: error });
  }
}

function moduleOf(path: string, exports: Exports): ExtensionModule {
  const { sources = [], processors = [], stages, default: stagesAsDefault } = exports;
  if ([exports['sources'], exports['processors'], stages, stagesAsDefault].every((one) => one === undefined)) {
    throw new InvalidInput(variable, `${path} exports none of sources, stages and processors`);
  }
  if (stages !== undefined && stagesAsDefault !== undefined) {
    throw new InvalidInput(
      variable,
      `${path} has stages both as the export stages and as the default export, expected one of them`,
    );
  }
  const ownStages = stages ?? stagesAsDefault ?? [];
  const name = stages === undefined ? 'the default export' : 'the export stages';
  if (!Array.isArray(ownStages) || !ownStages.every(isStage)) {
    throw new InvalidInput(
      variable,
      `${name} of ${path} is no list of stages, expected [{ name, concurrency, process }]`,
    );
  }
  if (!Array.isArray(processors) || !processors.every(isProcessor)) {
    throw new InvalidInput(
      variable,
      `the export processors of ${path} is no list of them, expected [{ name, canProcess, enrich }]`,
    );
  }
  return { path, sources: sourcesOf(path, sources), stages: ownStages, processors };
}

function sourcesOf(path: string, sources: unknown): readonly Source[] {
  if (!Array.isArray(sources))
    throw new InvalidInput(
      variable,
      `the export sources of ${path} is no list of sources, expected [defineSource({ … })]`,
    );
  for (const [at, source] of sources.entries()) {
    const problem = sourceProblem(source);
    if (problem !== null) throw new InvalidInput(variable, `the export sources of ${path}: sources.${at}.${problem}`);
  }
  return sources as Source[];
}

function isStage(value: unknown): value is EventStage {
  if (typeof value !== 'object' || value === null) return false;
  const { name, concurrency, process } = value as Partial<EventStage>;
  return typeof name === 'string' && typeof concurrency === 'number' && typeof process === 'function';
}

function isProcessor(value: unknown): value is Processor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, dependencies = [], canProcess, enrich } = value as Partial<Processor>;
  const named =
    typeof name === 'string' && Array.isArray(dependencies) && dependencies.every((one) => typeof one === 'string');
  return named && typeof canProcess === 'function' && typeof enrich === 'function';
}
