// tributary events show: one event, whole.
import { InvalidInput } from '../../domain/errors.js';
import { letterName, parseLetterKey } from '../../domain/letter-key.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { installed } from '../../extensions/installed.js';
import { limits } from '../../limits.js';
import { cloudEvent } from '../../queries/cloud-event.js';
import type { Pool } from '../../store/pool.js';
import { findEventByKey, findEventsById } from '../../store/reading/find-events.js';
import { searchEvents, type EventRow } from '../../store/reading/search-events.js';
import type { Catalogue } from '../../domain/catalogue.js';
import { eventDetail } from '../events/event-detail.js';
import { exitCodes } from '../failure-report.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { amount } from '../terminal/figures.js';
import { printable } from '../terminal/terminal.js';

/** More of them tell nobody which one is meant. */
const namedMax = 5;

export async function showEventCommand(
  command: Command,
  name: string,
  sourceText: string | undefined,
): Promise<number> {
  if (name === '' || Buffer.byteLength(name) > limits.keyBytesMax || name.includes('\0'))
    throw new InvalidInput('id', 'expected the id of an event, or its key, like acme/api@3.7.12');
  const source = sourceText === undefined ? null : parseInput(sourceIdSchema, sourceText, 'source');
  const { terminal, config } = command;
  const { registry } = await installed(config);
  const { databaseUrl } = await openStack(command);
  const found = await withDatabase(databaseUrl, (pool) => findNamed(pool, name, source, registry.catalogue));
  const event = onlyOne(found, name);
  terminal.item(cloudEvent(event));
  for (const line of eventDetail(event, terminal)) terminal.say(line);
  return exitCodes.fine;
}

/** By its id; else by its key; else as a commit whose id begins so, which is how `events` shows it. */
async function findNamed(pool: Pool, name: string, source: string | null, catalogue: Catalogue): Promise<EventRow[]> {
  const byId = await findEventsById(pool, name, source);
  if (byId.length > 0) return byId;
  if (/^[^@]+@\d+\.\d+\.\d+$/.test(name)) return findEventByKey(pool, parseLetterKey(name, 'id'));
  if (!/^[0-9a-f]{4,64}$/i.test(name)) return [];
  const filter = { commit: name.toLowerCase(), ...(source === null ? {} : { source }) };
  const rows = await searchEvents(pool, { filter, order: 'newest', limit: 200 }, catalogue);
  return rows.filter(({ id }) => id.startsWith(name.toLowerCase()) && !/[^0-9a-f]/.test(id));
}

function onlyOne([event, ...others]: readonly EventRow[], name: string): EventRow {
  const shown = JSON.stringify(printable(name.slice(0, 80)));
  if (event === undefined)
    throw new InvalidInput(
      'id',
      `no event ${shown} is stored; \`tributary events --keys\` lists them with their keys, --json with their ids`,
    );
  if (others.length === 0) return event;
  const keys = [event, ...others].slice(0, namedMax).map(letterName);
  throw new InvalidInput(
    'id',
    `${shown} is the name of ${amount(others.length + 1, 'event')}; expected one of their keys: ${keys.join(', ')}${others.length >= namedMax ? ' …' : ''}`,
  );
}
