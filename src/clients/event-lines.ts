// Events as lines of a table.
import type { EventRow } from '../store/search-events.js';
import { table } from './table.js';
import { printable, type Terminal } from './terminal.js';

/** More than this of a title tells nobody more; ids and subjects are shown as far as they tell events apart. */
const charsMax = { subject: 40, headline: 80 } as const;

export function eventLines(events: readonly EventRow[], terminal: Terminal, without: 'source' | null = null): string[] {
  const rows = events.map((event) => [
    event.time?.slice(0, 19).replace('T', ' ') ?? '-',
    event.type,
    ...(without === 'source' ? [] : [event.source]),
    printable(event.subject ?? '-', charsMax.subject),
    printable(headline(event), charsMax.headline),
  ]);
  const header = ['time', 'type', ...(without === 'source' ? [] : ['source']), 'subject', 'about'];
  return table(header, rows, terminal.columns);
}

/** Fields that most often hold what an event is about, best first. */
const telling = ['subject', 'title', 'path', 'message', 'text', 'change', 'name', 'summary'];

/** The subject has a column of its own. */
function headline({ data, subject }: EventRow): string {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const told = telling.map((field) => fields[field]).find((value) => typeof value === 'string' && value !== '' && value !== subject);
  return typeof told === 'string' ? told : moved(fields) ?? JSON.stringify(data).slice(0, 4 * charsMax.headline);
}

/** Where something was and is (a ref), ids as short as git shows them. */
function moved({ from, to }: Record<string, unknown>): string | undefined {
  if (typeof from !== 'string' && typeof to !== 'string') return undefined;
  const [before, after] = [from, to].map((end) => (typeof end !== 'string' ? 'nothing' : /^[0-9a-f]{40,64}$/.test(end) ? end.slice(0, 10) : end));
  return `${before} → ${after}`;
}
