// What a start will change of a source, told before it is started. Its run says the same in its result, from under the lock.
import { changesOf, revised, type Changed } from '../../domain/source-revision.js';
import { revisionOf } from '../../domain/sync-input.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { FoundSource } from '../../store/sources.js';
import type { SyncOrder } from './source-input.js';

export interface SyncPreview {
  readonly changed: Changed;
  readonly mode: 'once' | 'follow';
}

/** Throws InvalidInput that names the field. A source of a type that only workers know is theirs to check. */
export function previewOf(
  registry: SourceRegistry,
  { type, input }: SyncOrder,
  found: FoundSource | undefined,
): SyncPreview {
  const revision = revisionOf(input);
  if (found === undefined || found.removal !== null || found.type !== type || !registry.types.includes(type)) {
    return { changed: {}, mode: revision.settings.mode ?? found?.settings.mode ?? 'once' };
  }
  const after = revised(found, revision, registry.get(type).options, '');
  return { changed: changesOf(found, after, revision), mode: after.settings.mode ?? 'once' };
}
