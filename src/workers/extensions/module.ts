// What a worker's operator adds, in a module named by TRIBUTARY_STAGES: its default export is a list of stages
// (docs/adding-a-stage.md), its export `processors` one of enrichment processors (docs/enrichment.md). Either is enough.
import { pathToFileURL } from 'node:url';
import { InvalidInput } from '../../domain/errors.js';
import { checkEventStages, type EventStage } from '../../domain/event-stage.js';
import type { Processor } from '../../domain/processor.js';
import { thrownText } from '../../domain/thrown.js';

/** Throws InvalidInput when the module cannot be loaded or its default export is no list of stages. */
export async function loadStages(path: string | undefined): Promise<readonly EventStage[]> {
  if (path === undefined) return [];
  const { processors, default: stages = processors === undefined ? undefined : [] } = await load(path);
  if (!Array.isArray(stages) || !stages.every(isStage)) {
    throw new InvalidInput('TRIBUTARY_STAGES', `the default export of ${path} is no list of stages, expected [{ name, concurrency, process }]`);
  }
  checkEventStages(stages);
  return stages;
}

/** Throws InvalidInput when the module cannot be loaded or its `processors` are no list of them; their order is createEnrich's to find. */
export async function loadProcessors(path: string | undefined): Promise<readonly Processor[]> {
  if (path === undefined) return [];
  const { processors = [] } = await load(path);
  if (Array.isArray(processors) && processors.every(isProcessor)) return processors;
  throw new InvalidInput('TRIBUTARY_STAGES', `the export processors of ${path} is no list of them, expected [{ name, canProcess, enrich }]`);
}

interface Extensions {
  readonly default?: unknown;
  readonly processors?: unknown;
}

async function load(path: string): Promise<Extensions> {
  try {
    return (await import(pathToFileURL(path).href)) as Extensions;
  } catch (error) {
    throw new InvalidInput('TRIBUTARY_STAGES', `${path} cannot be loaded: ${thrownText(error)}`, { cause: error });
  }
}

function isStage(value: unknown): value is EventStage {
  if (typeof value !== 'object' || value === null) return false;
  const { name, concurrency, process } = value as Partial<EventStage>;
  return typeof name === 'string' && typeof concurrency === 'number' && typeof process === 'function';
}

function isProcessor(value: unknown): value is Processor {
  if (typeof value !== 'object' || value === null) return false;
  const { name, dependencies = [], canProcess, enrich } = value as Partial<Processor>;
  const named = typeof name === 'string' && Array.isArray(dependencies) && dependencies.every((one) => typeof one === 'string');
  return named && typeof canProcess === 'function' && typeof enrich === 'function';
}
