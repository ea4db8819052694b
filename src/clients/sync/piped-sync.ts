// A sync of what is piped into the command. No worker can read it, so its records are committed by the door, here, as those of
// `tributary record` are: in batches, each before more is read. Killed and given again, what is known is not stored twice.
import { InvalidInput } from '../../domain/errors.js';
import { revisionOf } from '../../domain/sync-input.js';
import type { Installed } from '../../extensions/installed.js';
import type { Stack } from '../../local/stack.js';
import type { Pool } from '../../store/pool.js';
import { reviseSource } from '../../store/revise-source.js';
import { findSource } from '../../store/sources.js';
import { recordInput } from '../commands/record.js';
import { pipedLines } from '../record/lines.js';
import { openOwnDoor } from '../record/open-door.js';
import { changedText, isAny } from '../sources/changed-text.js';
import type { PipedInput } from './piped-input.js';
import { revisedAs } from '../sources/setting-words.js';
import type { Command } from '../stack/stack-access.js';
import type { SyncMode, SyncOrder } from './source-input.js';
import { previewOf } from './sync-preview.js';

export interface PipedSync extends Pick<Installed, 'registry' | 'modules'> {
  readonly command: Command;
  readonly stack: Stack;
  readonly pool: Pool;
  readonly order: SyncOrder;
  readonly input: PipedInput;
}

/** Throws InvalidInput for what only a worker could do. */
export async function syncPiped(sync: PipedSync, how: { detach: boolean; mode: SyncMode }): Promise<number> {
  const { command, stack, registry, order, input } = sync;
  if (how.detach)
    throw new InvalidInput('detach', `${order.id} is standard input, which this command reads; expected no --detach`);
  if (how.mode.mode === 'follow')
    throw new InvalidInput(
      'path',
      `${order.id} is standard input, which ends; expected a file to follow, or \`tributary sync\``,
    );
  await revise(sync);
  const door = await openOwnDoor(command.config, stack.databaseUrl, sync);
  const named = { source: registry.get(order.type), id: order.id, options: input.options };
  try {
    // Refused for what it is before anything is read.
    await door.take(named, []);
    return await recordInput(
      command.terminal,
      order.id,
      (records) => door.take(named, records),
      (stream) => pipedLines(stream, input.piped),
    );
  } finally {
    await door.close();
  }
}

/** The door goes by the options that the source has. */
async function revise({ command, pool, registry, order }: PipedSync): Promise<void> {
  const { changed } = previewOf(registry, order, await findSource(pool, order.id));
  if (!isAny(changed)) return;
  await reviseSource(pool, order.id, revisedAs(registry, revisionOf(order.input)));
  command.terminal.note(`${order.id}: changed ${changedText(changed)}`);
}
