// Events as lines of a table.
import { aboutOf, type Catalogue } from '../../domain/catalogue.js';
import { priorities, type JsonObject } from '../../domain/event.js';
import { letterName } from '../../domain/letter-key.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { shortId, shortTime, timeStops } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { cutTo } from '../terminal/text-width.js';

/** More than this of a title tells nobody more; ids and subjects are shown as far as they tell events apart. */
const charsMax = { subject: 40, headline: 80 } as const;

const columns: readonly Column[] = [
  { name: 'key', rank: 1 },
  { name: 'time', rank: 5, least: 10, stops: timeStops, cut: shortTime },
  { name: 'type', rank: 3, least: 12 },
  { name: 'source', rank: 6, least: 8 },
  { name: 'subject', rank: 4, least: 10 },
  { name: 'about', rank: 2, least: 20 },
];

export interface EventLines {
  /** Of one source, which is named above. */
  readonly without?: 'source';
  /** With the key of each, which `events show` takes. */
  readonly keys?: boolean;
  readonly indent?: number;
}

export function eventLines(
  events: readonly EventRow[],
  catalogue: Catalogue,
  terminal: Terminal,
  { without, keys = false, indent = 0 }: EventLines = {},
): string[] {
  const idOf = terminal.columns === null ? String : shortId;
  const rows = events.map((event) => [
    ...(keys ? [letterName(event)] : []),
    timeOf(event),
    event.type,
    ...(without === 'source' ? [] : [event.source]),
    subjectOf(event, idOf),
    headlineOf(event, catalogue),
  ]);
  const shown = columns.filter(({ name }) => name !== without && (keys || name !== 'key'));
  const [head, ...lines] = table(shown, rows, terminal.columns, { indent });
  return [terminal.style.bold(head ?? ''), ...lines.map((line, at) => coloured(line, events[at]!.priority, terminal))];
}

export function timeOf({ time }: EventRow): string {
  return time?.slice(0, 19).replace('T', ' ') ?? '-';
}

export function subjectOf({ subject }: EventRow, idOf: (text: string) => string): string {
  return cutTo(printable(idOf(subject ?? '-')), charsMax.subject);
}

export function headlineOf(event: EventRow, catalogue: Catalogue): string {
  return cutTo(printable(headline(event, catalogue)), charsMax.headline);
}

/** By its priority. */
export function coloured(line: string, priority: number, { style }: Terminal): string {
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
