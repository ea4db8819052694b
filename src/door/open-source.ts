// A source as the door writes to it: created when it is first given something, read anew with each call, so that settings,
// a removal and what the workers are set up with hold at once.
import { canonicaliserVersion } from '../domain/canonical-json.js';
import { InvalidInput, NeedsAttention } from '../domain/errors.js';
import { parseInput } from '../domain/parse.js';
import { digestOf } from '../domain/position.js';
import { sourceIdSchema } from '../domain/source-id.js';
import type { Source } from '../domain/source.js';
import type { StageContext } from '../domain/stage.js';
import { stageNames } from '../domain/sync-input.js';
import type { Pool } from '../store/pool.js';
import { createSource, findSource, type FoundSource, type SourceRow } from '../store/sources.js';

export interface OpenSource {
  readonly id: string;
  readonly source: Source;
  readonly context: StageContext;
  /** Its settings leave enrich in. */
  readonly enriches: boolean;
}

export interface SourceToOpen {
  readonly source: Source;
  /** Else the type's own name for it. */
  readonly id?: string | undefined;
  /** Those that form the origin are fixed when it is created; left out, they are as they are. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** What the workers do with events and the door cannot, by name. */
export interface WorkersOwn {
  /** Also embed. */
  readonly stages: readonly string[];
  readonly processors: readonly string[];
}

/**
 * Throws InvalidInput that names the field, for an id that is another source's and for a source that was removed; NeedsAttention
 * when the workers have stages or processors of their own that the source's events pass.
 */
export async function openSource(
  pool: Pool,
  { source, ...named }: SourceToOpen,
  own: () => Promise<WorkersOwn>,
): Promise<OpenSource> {
  const given = named.options === undefined ? undefined : parseInput(source.options, named.options, 'options');
  const id = parseInput(sourceIdSchema, named.id ?? source.defaultId(given ?? source.options.parse({})), 'source');
  const found =
    (await findSource(pool, id)) ??
    (await created(pool, id, source, given ?? parseInput(source.options, {}, 'options')));
  assertSame(found, source, given);
  const { stages, priorities: priorityRules } = found.settings;
  assertAlone(id, stages, await own());
  return {
    id,
    source,
    context: { source, options: source.options.parse(found.options), runId: '', priorityRules },
    enriches: stages === undefined || stages.includes('enrich'),
  };
}

async function created(pool: Pool, id: string, source: Source, options: unknown): Promise<FoundSource> {
  const row: SourceRow = {
    id,
    type: source.type,
    options: options as SourceRow['options'],
    settings: {},
    origin: source.origin(options),
    identityVersion: source.identityVersion ?? 1,
    canonicaliserVersion,
  };
  await createSource(pool, row, digestOf(source.initialCursor));
  return (await findSource(pool, id))!;
}

function assertSame(
  { id, type, origin, removal, identityVersion, ...row }: FoundSource,
  source: Source,
  given: unknown,
): void {
  if (removal !== null)
    throw new InvalidInput(
      'source',
      `${id} was removed; \`tributary sync ${type} --id ${id}\` brings it back, or choose another id`,
    );
  if (type !== source.type)
    throw new InvalidInput(
      'source',
      `${id} is a ${type} source, expected one of type ${source.type}; choose another id`,
    );
  if (given !== undefined && source.origin(given) !== origin)
    throw new InvalidInput(
      'options',
      `${id} is of ${origin}, which is fixed when a source is created; found ${source.origin(given)}`,
    );
  if (identityVersion !== (source.identityVersion ?? 1) || row.canonicaliserVersion !== canonicaliserVersion)
    throw new NeedsAttention(
      'identity_changed',
      `${id} was begun with other identities, and its events would come twice; use the version it was begun with, or another id`,
    );
}

/** What is left out would be missing in all that passed meanwhile, without a word. */
function assertAlone(id: string, chosen: readonly string[] | undefined, { stages, processors }: WorkersOwn): void {
  const own = stages.filter((name) => chosen === undefined || chosen.includes(name));
  const noting = chosen === undefined || chosen.includes('enrich') ? processors : [];
  if (own.length + noting.length === 0) return;
  const without = stageNames.filter((name) => name !== 'enrich' || noting.length === 0);
  throw new NeedsAttention(
    'stages_elsewhere',
    `events of ${id} pass ${[...noting, ...own].join(', ')} in the workers, which the door cannot run; ` +
      `leave them out for this source: \`tributary sources set ${id} 'stages=${JSON.stringify(without)}'\``,
  );
}
