// The beginning of a sync, whoever asks for it: started, or joined where one runs, and what was said of the source set.
import type { Client } from '@temporalio/client';
import { InvalidInput } from '../../domain/errors.js';
import { revisionOf } from '../../domain/sync-input.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { Pool } from '../../store/pool.js';
import { reviseSource } from '../../store/revise-source.js';
import { isAny } from '../sources/changed-text.js';
import { revisedAs } from '../sources/setting-words.js';
import type { SyncOrder } from './source-input.js';
import { startSync, type StartedSync } from './start-sync.js';
import type { SyncPreview } from './sync-preview.js';

/** What a sync is asked of. */
export interface SyncPlace {
  readonly client: Client;
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly taskQueue: string;
}

/** Throws InvalidInput for what only a start could say and a run that is at work cannot take up. */
export async function beginSync(
  { client, pool, registry, taskQueue }: SyncPlace,
  order: SyncOrder,
  { changed }: SyncPreview,
): Promise<StartedSync> {
  const started = await startSync(client, taskQueue, order);
  if (!started.attached) return started;
  if (order.input.acceptDeletions === true) throw notTold(order.id);
  // It was started with something else: what is said now is set, and it takes up what it can.
  if (isAny(changed)) await reviseSource(pool, order.id, revisedAs(registry, revisionOf(order.input)));
  return started;
}

/** What it accepts is said when it starts. */
function notTold(id: string): InvalidInput {
  return new InvalidInput(
    'accept-deletions',
    `a sync of ${id} runs already, and it was started without; expected none: end it with \`tributary stop ${id}\`, then say this again`,
  );
}
