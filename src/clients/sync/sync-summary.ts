// What a finished sync says: its figures, the newest events, and where to look next.
import type { Catalogue } from '../../domain/catalogue.js';
import type { SyncResult } from '../../domain/sync-result.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { eventLines } from '../events/event-lines.js';
import { eventsPerSecond } from '../../domain/event-figures.js';
import { amount, counted, duration } from '../terminal/figures.js';
import type { Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

export interface SyncSummary {
  readonly result: SyncResult;
  /** From its start to its end, with pauses, waits and the start of the worker. */
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
      ? nothingNew(result, stored)
      : [
          `${style.bold(result.source)}: ${outcomeText(result)} in ${duration(result.processing_time_ms)}`,
          ...figureLines(result, elapsedMs),
          ...deadLetterLines(result),
          ...failureLines(result),
        ]),
    ...(newest.length === 0
      ? []
      : [
          '',
          style.bold('Newest events'),
          ...eventLines(newest, catalogue, terminal, { without: 'source', indent: 2 }),
        ]),
    '',
    ...addresses,
  ];
}

function isNothingNew({ outcome, inserted, removed, deferred, dead_letters }: SyncResult): boolean {
  return (outcome === 'done' || outcome === 'done_empty') && inserted + removed + deferred + dead_letters === 0;
}

function nothingNew({ source, total, processing_time_ms: workedMs }: SyncResult, stored: number): string[] {
  if (stored === 0) return [`${source}: the source has no events (looked for ${duration(workedMs)})`];
  const seen = total === 0 ? '' : `; ${amount(total, 'was', 'were')} read again and recognised`;
  return [
    `${source}: nothing new, inserted 0 in ${duration(workedMs)} (${amount(stored, 'event is', 'events are')} stored${seen})`,
  ];
}

function deadLetterLines({ source, dead_letters: dead }: SyncResult): string[] {
  return dead === 0
    ? []
    : [pasteable(`  \`tributary dead-letters list ${source}\` shows what became a dead letter and why`)];
}

function failureLines({ outcome, errors }: SyncResult): string[] {
  if (errors === 0 || outcome === 'failed' || outcome === 'needs_attention') return [];
  return ['  errors are of processors and the embedder: the events are stored without what they would have added'];
}

function outcomeText({ outcome }: SyncResult): string {
  return outcome.replaceAll('_', ' ');
}

/** A shorter time that a run did not work is that of its start and its end. */
const waitedMsMin = 2_000;

function figureLines(result: SyncResult, elapsedMs: number): string[] {
  const { total, inserted, skipped_duplicate, skipped_existing, removed, deferred, dead_letters, errors } = result;
  const counts = { total, inserted, skipped_duplicate, skipped_existing, removed, deferred, dead_letters, errors };
  const rows = Object.entries(counts).map(([name, count]): [string, string] => [name, counted(count)]);
  const workedMs = result.processing_time_ms;
  rows.push(['time', duration(workedMs)], ['rate', `${counted(eventsPerSecond(total, workedMs))}/s`]);
  if (elapsedMs - workedMs >= waitedMsMin) rows.push(['paused or waiting', duration(elapsedMs - workedMs)]);
  const width = Math.max(...rows.map(([, figure]) => figure.length));
  return rows.map(([name, figure]) => `  ${name.padEnd(17)}  ${figure.padStart(width)}`);
}
