// tributary events: what is stored, by time, filtered, page by page.
import type { Catalogue } from '../../domain/catalogue.js';
import { installed } from '../../extensions/installed.js';
import type { EventSearch } from '../../store/reading/event-filter.js';
import { findPlace } from '../../store/reading/event-mark.js';
import type { Pool } from '../../store/pool.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { cloudEvent } from '../../queries/cloud-event.js';
import { cursorOf } from '../../queries/event-cursor.js';
import { eventPages } from '../../queries/event-pages.js';
import { eventLines } from '../events/event-lines.js';
import { eventSearch, questionOf, type EventOptions } from '../events/event-question.js';
import { knownSource } from '../sources/known-source.js';
import { exitCodes } from '../failure-report.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { drained, type Terminal } from '../terminal/terminal.js';

export async function eventsCommand(
  command: Command,
  argument: string | undefined,
  options: EventOptions,
): Promise<number> {
  const { after, ...asked } = eventSearch(argument, options);
  const { terminal } = command;
  const {
    registry: { catalogue },
  } = await installed(command.config);
  const { databaseUrl } = await openStack(command);
  const { shown, last, more } = await withDatabase(databaseUrl, async (pool) => {
    const search = { ...asked, after: after === undefined ? undefined : await findPlace(pool, after) };
    const listed = await listAll(pool, search, catalogue, terminal, options.keys === true);
    if (listed.shown === 0 && search.filter.source !== undefined)
      await knownSource(pool, search.filter.source, 'source');
    return listed;
  });
  if (shown === 0) terminal.say('no events match');
  if (more && last !== undefined) tellNext(terminal, cursorOf(last, questionOf(argument, options)));
  return exitCodes.fine;
}

interface Listed {
  readonly shown: number;
  readonly last: EventRow | undefined;
  readonly more: boolean;
}

async function listAll(
  pool: Pool,
  search: EventSearch,
  catalogue: Catalogue,
  terminal: Terminal,
  keys: boolean,
): Promise<Listed> {
  let listed: Listed = { shown: 0, last: undefined, more: false };
  for await (const { events, more } of eventPages(pool, search, catalogue)) {
    show(events, catalogue, terminal, { continued: listed.shown > 0, keys });
    await drained();
    listed = { shown: listed.shown + events.length, last: events.at(-1) ?? listed.last, more };
  }
  return listed;
}

function show(
  events: readonly EventRow[],
  catalogue: Catalogue,
  terminal: Terminal,
  { continued, keys }: { readonly continued: boolean; readonly keys: boolean },
): void {
  if (events.length === 0) return;
  if (terminal.json) for (const event of events) terminal.item(cloudEvent(event));
  else
    for (const line of eventLines(events, catalogue, terminal, { keys }).slice(continued ? 1 : 0)) terminal.say(line);
}

/** On standard error: standard output holds events and nothing else. */
function tellNext(terminal: Terminal, next: string): void {
  terminal.note(
    terminal.json ? JSON.stringify({ next }) : terminal.style.dim(`more: the same command with --after ${next}`),
  );
}
