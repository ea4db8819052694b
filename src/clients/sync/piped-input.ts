// Whether a sync is of what is piped into the command: the options that its source will have say so.
import { revised } from '../../domain/source-revision.js';
import type { PipedRecords } from '../../domain/piped.js';
import { revisionOf } from '../../domain/sync-input.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { FoundSource } from '../../store/sources.js';
import type { SyncOrder } from './source-input.js';

export interface PipedInput {
  readonly piped: PipedRecords;
  /** As the source will have them. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Throws InvalidInput that names the option. */
export function pipedInto(
  registry: SourceRegistry,
  { type, input }: SyncOrder,
  found: FoundSource | undefined,
): PipedInput | undefined {
  if (!registry.types.includes(type)) return undefined;
  const source = registry.get(type);
  if (source.piped === undefined) return undefined;
  const known = found !== undefined && found.removal === null && found.type === type;
  const before = known ? found : { options: {}, settings: {} };
  const { options } = revised(before, revisionOf(input), source.options, '');
  const piped = source.piped(options);
  return piped === undefined ? undefined : { piped, options };
}
