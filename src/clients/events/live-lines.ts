// Events as lines that come one by one: no table, whose widths need all of its rows, but columns that only ever grow, so that
// what comes now stands below what came before.
import type { Catalogue } from '../../domain/catalogue.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { shortId } from '../terminal/short-forms.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { cutTo, padEnd, widthOf } from '../terminal/text-width.js';
import { coloured, headlineOf, subjectOf, timeOf } from './event-lines.js';

/** A longer one moves its own line only. */
const cellsMax = { type: 28, source: 28, subject: 24 } as const;
const gap = '  ';

export function liveLines(catalogue: Catalogue, terminal: Terminal): (event: EventRow) => string {
  const widths = { type: 0, source: 0, subject: 0 };
  const column = (name: keyof typeof widths, text: string): string => {
    widths[name] = Math.max(widths[name], Math.min(widthOf(text), cellsMax[name]));
    return padEnd(text, widths[name]);
  };
  return (event) => {
    const idOf = terminal.columns === null ? String : shortId;
    const parts = [
      timeOf(event).padEnd('2026-01-31 12:00:00'.length),
      column('type', printable(event.type)),
      column('source', event.source),
      column('subject', subjectOf(event, idOf)),
      headlineOf(event, catalogue),
    ];
    const line = parts.join(gap).trimEnd();
    return coloured(terminal.columns === null ? line : cutTo(line, terminal.columns), event.priority, terminal);
  };
}
