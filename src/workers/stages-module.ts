// The stages a worker's operator adds: the default export of a module named by TRIBUTARY_STAGES (docs/adding-a-stage.md).
import { pathToFileURL } from 'node:url';
import { InvalidInput } from '../domain/errors.js';
import { checkEventStages, type EventStage } from '../domain/event-stage.js';

/** Throws InvalidInput when the module cannot be loaded or its default export is no list of stages. */
export async function loadStages(path: string | undefined): Promise<readonly EventStage[]> {
  if (path === undefined) return [];
  const { default: stages } = await load(path);
  if (!Array.isArray(stages) || !stages.every(isStage)) {
    throw new InvalidInput('TRIBUTARY_STAGES', `the default export of ${path} is no list of stages, expected [{ name, concurrency, process }]`);
  }
  checkEventStages(stages);
  return stages;
}

async function load(path: string): Promise<{ readonly default?: unknown }> {
  try {
    return (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  } catch (error) {
    throw new InvalidInput('TRIBUTARY_STAGES', `${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function isStage(value: unknown): value is EventStage {
  if (typeof value !== 'object' || value === null) return false;
  const { name, concurrency, process } = value as Partial<EventStage>;
  return typeof name === 'string' && typeof concurrency === 'number' && typeof process === 'function';
}
