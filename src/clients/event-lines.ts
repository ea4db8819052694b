// Events as lines of a table.
import { priorities } from '../domain/event.js';
import type { EventRow } from '../store/search-events.js';
import { table } from './table.js';
import { printable, type Terminal } from './terminal.js';
import { cutTo } from './text-width.js';

/** More than this of a title tells nobody more; ids and subjects are shown as far as they tell events apart. */
const charsMax = { subject: 40, headline: 80 } as const;

export function eventLines(events: readonly EventRow[], terminal: Terminal, without: 'source' | null = null): string[] {
  const rows = events.map((event) => [
    event.time?.slice(0, 19).replace('T', ' ') ?? '-',
    event.type,
    ...(without === 'source' ? [] : [event.source]),
    cutTo(printable(event.subject ?? '-'), charsMax.subject),
    cutTo(printable(headline(event)), charsMax.headline),
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
function headline({ type, data, subject }: EventRow): string {
  const fields = typeof data === 'object' && data !== null ? (data as Record<string, unknown>) : {};
  const told = ofRef(type, fields) ?? telling.map((field) => fields[field]).find((value) => typeof value === 'string' && value !== '' && value !== subject);
  // A message may have half a megabyte.
  return (typeof told === 'string' ? told : JSON.stringify(data)).slice(0, 4 * charsMax.headline).toWellFormed();
}

/** What became of a ref, or of a commit by one. */
function ofRef(type: string, fields: Record<string, unknown>): string | undefined {
  const { ref } = fields;
  if (typeof ref !== 'string') return undefined;
  if (type === 'git.commit_unreachable') return `left behind by ${ref}`;
  return type === 'git.commit_reachable' ? `reached again by ${ref}` : moved(fields);
}

/** Where it was and is, ids as short as git shows them. */
function moved({ from, to }: Record<string, unknown>): string | undefined {
  if (typeof from !== 'string' && typeof to !== 'string') return undefined;
  const [before, after] = [from, to].map((end) => (typeof end !== 'string' ? 'nothing' : /^[0-9a-f]{40,64}$/.test(end) ? end.slice(0, 10) : end));
  return `${before} → ${after}`;
}
