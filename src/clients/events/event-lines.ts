// Events as lines of a table.
import { aboutOf, type Catalogue } from '../../domain/catalogue.js';
import { priorities, type JsonObject } from '../../domain/event.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { table } from '../terminal/table.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { cutTo } from '../terminal/text-width.js';

/** More than this of a title tells nobody more; ids and subjects are shown as far as they tell events apart. */
const charsMax = { subject: 40, headline: 80 } as const;

export function eventLines(
  events: readonly EventRow[],
  catalogue: Catalogue,
  terminal: Terminal,
  without: 'source' | null = null,
): string[] {
  const rows = events.map((event) => [
    event.time?.slice(0, 19).replace('T', ' ') ?? '-',
    event.type,
    ...(without === 'source' ? [] : [event.source]),
    cutTo(printable(event.subject ?? '-'), charsMax.subject),
    cutTo(printable(headline(event, catalogue)), charsMax.headline),
  ]);
  const header = ['time', 'type', ...(without === 'source' ? [] : ['source']), 'subject', 'about'];
  const [head, ...lines] = table(header, rows, terminal.columns);
  return [terminal.style.bold(head ?? ''), ...lines.map((line, at) => coloured(line, events[at]!.priority, terminal))];
}

function coloured(line: string, priority: number, { style }: Terminal): string {
  if (priority === priorities.critical) return style.red(line);
  return priority === priorities.high ? style.yellow(line) : line;
}

/** Fields that most often hold what an event is about, best first. */
const telling = ['subject', 'title', 'path', 'message', 'text', 'change', 'name', 'summary'];

/** The subject has a column of its own. */
function headline({ type, time, data, subject }: EventRow, catalogue: Catalogue): string {
  const fields = typeof data === 'object' && data !== null ? (data as JsonObject) : {};
  const told =
    aboutOf(catalogue, { type, time, subject, data: fields }) ??
    telling
      .map((field) => fields[field])
      .find((value) => typeof value === 'string' && value !== '' && value !== subject);
  // A message may have half a megabyte.
  return (typeof told === 'string' ? told : JSON.stringify(data)).slice(0, 4 * charsMax.headline).toWellFormed();
}
