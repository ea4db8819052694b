// tributary events: what is stored, the latest first, page by page.
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { Pool } from '../../store/pool.js';
import { searchEvents, type EventFilter, type EventRow } from '../../store/search-events.js';
import { cloudEvent } from '../cloud-event.js';
import { eventLines } from '../event-lines.js';
import { exitCodes } from '../failure-report.js';
import { timeBound, wholeNumber } from '../option-values.js';
import { openStack, withDatabase, type Command } from '../stack-access.js';
import { drained, type Terminal } from '../terminal.js';

/** Events in memory at once: each may have megabytes. */
const pageRows = 200;

export async function eventsCommand(command: Command, options: Readonly<Record<string, string | undefined>>): Promise<number> {
  const filter = filterOf(options);
  const limit = wholeNumber('limit', options['limit'], 1, 1_000_000_000)!;
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const shown = await withDatabase(databaseUrl, (pool) => listAll(pool, filter, limit, terminal));
  if (shown === 0) terminal.say('no events match');
  return exitCodes.fine;
}

function filterOf({ source, type, since, until, priority }: Readonly<Record<string, string | undefined>>): EventFilter {
  return {
    source: source === undefined ? undefined : parseInput(sourceIdSchema, source, 'source'),
    type,
    since: timeBound('since', since),
    until: timeBound('until', until),
    priority: wholeNumber('priority', priority, 1, 4),
  };
}

async function listAll(pool: Pool, filter: EventFilter, limit: number, terminal: Terminal): Promise<number> {
  let shown = 0;
  let last: EventRow | undefined;
  while (shown < limit) {
    const events: EventRow[] = await searchEvents(pool, filter, Math.min(pageRows, limit - shown), last);
    show(events, terminal, shown > 0);
    await drained();
    shown += events.length;
    last = events.at(-1);
    if (events.length < pageRows) break;
  }
  return shown;
}

function show(events: readonly EventRow[], terminal: Terminal, continued: boolean): void {
  if (events.length === 0) return;
  if (terminal.json) for (const event of events) terminal.item(cloudEvent(event));
  else for (const line of eventLines(events, terminal).slice(continued ? 1 : 0)) terminal.say(line);
}
