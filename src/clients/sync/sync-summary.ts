// What a finished sync says: its figures, the newest events, and where to look next.
import type { Catalogue } from '../../domain/catalogue.js';
import type { SyncResult } from '../../domain/sync-result.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { eventLines } from '../events/event-lines.js';
import { counted, duration, rate } from '../terminal/figures.js';
import type { Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

export interface SyncSummary {
  readonly result: SyncResult;
  readonly elapsedMs: number;
  /** Events of this source in the store, by its ledger. */
  readonly stored: number;
  readonly newest: readonly EventRow[];
  readonly catalogue: Catalogue;
  readonly addresses: readonly string[];
}

export function summaryLines(
  { result, elapsedMs, stored, newest, catalogue, addresses }: SyncSummary,
  terminal: Terminal,
): string[] {
  const { style } = terminal;
  return [
    ...(isNothingNew(result)
      ? nothingNew(result, elapsedMs, stored)
      : [
          `${style.bold(result.source)}: ${outcomeText(result)} in ${duration(elapsedMs)}`,
          ...figureLines(result, elapsedMs),
          ...deadLetterLines(result),
        ]),
    ...(newest.length === 0
      ? []
      : [
          '',
          style.bold('Newest events'),
          ...eventLines(newest, catalogue, terminal, 'source').map((line) => `  ${line}`),
        ]),
    '',
    ...addresses,
  ];
}

function isNothingNew({ outcome, inserted, removed, deferred, dead_letters }: SyncResult): boolean {
  return (outcome === 'done' || outcome === 'done_empty') && inserted + removed + deferred + dead_letters === 0;
}

function nothingNew({ source, total }: SyncResult, elapsedMs: number, stored: number): string[] {
  if (stored === 0) return [`${source}: the source has no events (looked for ${duration(elapsedMs)})`];
  const seen = total === 0 ? '' : `; ${counted(total)} were read again and recognised`;
  return [`${source}: nothing new, inserted 0 in ${duration(elapsedMs)} (${counted(stored)} events are stored${seen})`];
}

function deadLetterLines({ source, dead_letters: dead }: SyncResult): string[] {
  return dead === 0
    ? []
    : [pasteable(`  \`tributary dead-letters list ${source}\` shows what became a dead letter and why`)];
}

function outcomeText({ outcome }: SyncResult): string {
  return outcome.replaceAll('_', ' ');
}

function figureLines(result: SyncResult, elapsedMs: number): string[] {
  const { total, inserted, skipped_duplicate, skipped_existing, removed, deferred, dead_letters, errors } = result;
  const counts = { total, inserted, skipped_duplicate, skipped_existing, removed, deferred, dead_letters, errors };
  const rows = Object.entries(counts).map(([name, count]): [string, string] => [name, counted(count)]);
  rows.push(['time', duration(elapsedMs)], ['rate', rate(total, elapsedMs)]);
  const width = Math.max(...rows.map(([, figure]) => figure.length));
  return rows.map(([name, figure]) => `  ${name.padEnd(17)}  ${figure.padStart(width)}`);
}
