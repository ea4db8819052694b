// The extensions of a worker, each kind in a process of its own. When one ends or stands still, those it was asked about are
// asked again one at a time, in another process: so the event that did it is known, and it alone is deferred or noted.
import { InvalidInput } from '../../domain/errors.js';
import { checkEventStages } from '../../domain/event-stage.js';
import type { MappersElsewhere } from '../../stages/mapping/map-record.js';
import type { Ask } from '../../stages/own/ask-stage.js';
import type { ProcessorElsewhere } from '../../stages/enrich.js';
import { extensionEnvironment } from '../../local/environment.js';
import { asking } from './asking.js';
import { enriching } from './enriching.js';
import { mapping } from './mapping.js';
import type { DeclaredProcessor, DeclaredStage } from './messages.js';
import { createPair, type Pair } from './pair.js';

export interface Extensions {
  /** Of the modules, those that have sources: all of these but their mappers runs in the worker itself. */
  readonly sourceModules: readonly string[];
  readonly stages: readonly DeclaredStage[];
  readonly processors: readonly DeclaredProcessor[];
  /** The first of the processors is the built-in `code`, since sources here have functions for it. */
  readonly runsCode: boolean;
  /** What a page's questions to this stage are put to. */
  readonly asking: (stage: string) => Ask;
  readonly elsewhere: ProcessorElsewhere;
  readonly mappers: MappersElsewhere;
  end(): void;
}

/**
 * `tell`: what extensions throw where nobody waits for it. `named`: variables of the environment that they are given.
 * Throws InvalidInput when a module cannot be loaded, or is none.
 */
export async function startExtensions(
  modules: readonly string[],
  tell: (line: string) => void,
  named: readonly string[] = [],
): Promise<Extensions> {
  const pair = (): Pair => createPair({ modules, tell, environment: extensionEnvironment(named) });
  const loaded = pair();
  const declared = await loaded.first.declaration().catch((error: Error) => {
    throw new InvalidInput('TRIBUTARY_EXTENSIONS', `${modules.join(', ')} ${error.message} while it was loaded`);
  });
  if (declared.kind === 'refused') throw new InvalidInput(declared.field, declared.message);
  const { sourceModules, sourceTypes, stages, processors, runsCode } = declared;
  checkEventStages(stages as Parameters<typeof checkEventStages>[0]);
  const kinds = pairs([stages.length, processors.length, sourceTypes.length], loaded, pair);
  const [forStages, forProcessors, forMappers] = kinds;
  return {
    sourceModules,
    stages,
    processors,
    runsCode,
    asking: (stage) => asking(forStages!, stage),
    elsewhere: {
      names: new Set(processors.map(({ name }) => name)),
      open: (page, wanted, budgetMs) => enriching(forProcessors!, page, wanted, budgetMs),
    },
    mappers: {
      types: new Set(sourceTypes),
      open: (page, type, options, cancelled) => mapping(forMappers!, page, type, options, cancelled),
    },
    end: () => kinds.forEach((kind) => kind?.end()),
  };
}

/** One for each kind there is any of; the process that was loaded is the first one's. */
function pairs(counts: readonly number[], loaded: Pair, another: () => Pair): (Pair | undefined)[] {
  let free: Pair | undefined = loaded;
  const kinds = counts.map((count) => {
    if (count === 0) return undefined;
    const pair = free ?? another();
    free = undefined;
    return pair;
  });
  free?.end();
  return kinds;
}
