// tributary sources remove: a source and what belongs to it; its events stay or go by a person's word.
import { createInterface } from 'node:readline/promises';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { EventsWord } from '../../store/remove-source.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { amount, counted } from '../terminal/figures.js';
import { existingSource } from '../sources/known-source.js';
import { removeSource, type Removal } from '../sources/remove-source.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export interface RemovalWords {
  readonly keepEvents?: true;
  readonly deleteEvents?: true;
  readonly yes?: true;
}

export async function removeCommand(command: Command, id: string, words: RemovalWords): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const events = eventsWord(words);
  const { terminal, config } = command;
  if (words.yes !== true && (terminal.json || !process.stdin.isTTY))
    throw new InvalidInput('yes', 'is missing; where nobody can be asked, expected --yes');
  const stack = await openStack(command);
  const client = await connectTemporal(config, stack);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      const status = existingSource((await listSourceStatus(pool, source, true))[0], source);
      if (words.yes !== true && !(await agreed(status, events))) return exitCodes.failed;
      return remove({ command, client, pool, source, events, stored: status.inserted });
    });
  } finally {
    await client.connection.close();
  }
}

function eventsWord({ keepEvents, deleteEvents }: RemovalWords): EventsWord {
  if ((keepEvents === undefined) === (deleteEvents === undefined)) {
    throw new InvalidInput('events', 'expected either --keep-events or --delete-events');
  }
  return keepEvents === undefined ? 'delete' : 'keep';
}

async function agreed({ id, inserted, deferred, dead }: SourceStatus, events: EventsWord): Promise<boolean> {
  const what = `${amount(inserted, 'event')}, ${counted(deferred)} deferred, ${amount(dead, 'dead letter')}`;
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await asked.question(
      `${id}: ${what} ${events === 'keep' ? 'are kept' : 'are deleted for ever'}; type the id to remove it: `,
    );
    return answer.trim() === id;
  } finally {
    asked.close();
  }
}

async function remove(removal: Removal): Promise<number> {
  const {
    command: { terminal },
    source,
    events,
  } = removal;
  const { removed, schedule, run } = await removeSource(removal);
  terminal.item({ outcome: 'removed', source, events: events === 'keep' ? 'kept' : 'deleted', removed, schedule, run });
  terminal.hint(
    `${source} is removed${events === 'keep' ? '; its events stay, and `tributary verify` proves them as before' : `, with ${amount(removed, 'event')}`}`,
  );
  if (events === 'keep') terminal.say(`  to have it again   the sync that made it; it goes on where it stood`);
  return exitCodes.fine;
}
