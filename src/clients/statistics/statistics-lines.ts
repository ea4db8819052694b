// The figures of `tributary stats` as tables, with a bar where the eye compares and a small line of days for each source.
import type { Shares, Statistics } from '../../store/reading/statistics.js';
import { lengthBar, sparkline } from '../terminal/bars.js';
import { amount, bytes, counted, duration } from '../terminal/figures.js';
import { idLeast, shortTime, timeStops } from '../terminal/short-forms.js';
import { pasteable } from '../terminal/own-command.js';
import { table, type Column } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { padEnd, sentenceLines, widthOf } from '../terminal/text-width.js';

const indent = 2;
const barCellsMax = 40;
const sparkCellsMax = 30;
const priorityNames: Readonly<Record<string, string>> = { 1: 'low', 2: 'normal', 3: 'high', 4: 'critical' };

/** By source, the events of each day. */
export type SourceDays = ReadonlyMap<string, readonly number[]>;

export function statisticsLines(found: Statistics, sourceDays: SourceDays, terminal: Terminal): string[] {
  const { ever, recent, days, byType, byPriority, databaseBytes, deadByStage } = found;
  const { bold } = terminal.style;
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ['', ...sentenceLines(title, terminal.columns).map(bold), ...lines];
  const first = `${amount(ever.inserted, 'event')} stored, ${counted(recent.inserted)} in ${days === 1 ? 'this day' : `these ${days} days`} (UTC); the database has ${bytes(databaseBytes)}`;
  return [
    ...sentenceLines(first, terminal.columns),
    ...failureLines(found, terminal),
    ...section(
      'By day',
      barLines(
        found.byDay.map(({ day, inserted }) => [day, inserted]),
        terminal,
      ),
    ),
    ...section('By source', sourceLines(found, sourceDays, terminal)),
    ...section(`By type${estimate(byType)}`, shareLines(byType, terminal)),
    ...section(
      `By priority${estimate(byPriority)}`,
      shareLines(byPriority, terminal, (name) => priorityNames[name] ?? name),
    ),
    ...section('Runs, the latest first', runLines(found, terminal)),
    ...section('Dead letters by stage', barLines(Object.entries(deadByStage), terminal)),
  ];
}

function failureLines({ recent: { failures } }: Statistics, { columns }: Terminal): string[] {
  if (failures === 0) return [];
  const text = `${amount(failures, 'failure')} of processors and of the embedder in that time; the events are stored without`;
  return sentenceLines(text, columns);
}

function estimate({ estimated }: Shares): string {
  return estimated ? ' (estimated from a sample; all other figures are exact)' : '';
}

function shareLines({ counts }: Shares, terminal: Terminal, nameOf = (name: string): string => name): string[] {
  return barLines(
    Object.entries(counts).map(([name, count]) => [nameOf(name), count]),
    terminal,
  );
}

/** A name, its figure and a bar in what room is left; without a bar where that would be too short to compare. */
function barLines(rows: readonly (readonly [string, number])[], { style, columns }: Terminal): string[] {
  const largest = Math.max(1, ...rows.map(([, count]) => count));
  const [names, figures] = [Math.max(0, ...rows.map(([name]) => widthOf(name))), counted(largest).length];
  const room = (columns ?? Number.POSITIVE_INFINITY) - indent - names - figures - 4;
  const cells = room < 5 ? 0 : Math.min(barCellsMax, room);
  return rows.map(([name, count]) => {
    const bar = cells === 0 ? '' : lengthBar(count, largest, cells);
    const line = `${' '.repeat(indent)}${padEnd(name, names)}  ${counted(count).padStart(figures)}`;
    return bar === '' ? line : `${line}  ${style.cyan(bar)}`;
  });
}

function sourceLines({ bySource, days }: Statistics, sourceDays: SourceDays, { columns }: Terminal): string[] {
  if (bySource.length === 0) return [pasteable('  no sources yet; `tributary sync .` reads the first')];
  const dayCells = Math.min(days, sparkCellsMax);
  const shape: Column[] = [
    { name: 'source', rank: 1, least: idLeast },
    { name: 'type', rank: 8 },
    { name: 'these days', short: 'now', rank: 6 },
    { name: 'inserted', rank: 2 },
    { name: 'known', rank: 6 },
    { name: 'removed', rank: 7 },
    { name: 'deferred', rank: 5 },
    { name: 'dead letters', short: 'dead', rank: 3 },
    { name: days === 1 ? 'day' : 'days', rank: 4 },
  ];
  const rows = bySource.map(({ source, type, recent, inserted, known, removed, deferred, dead }) => [
    source,
    type,
    recent.inserted,
    inserted,
    known,
    removed,
    deferred,
    dead,
    sparkline(sourceDays.get(source) ?? [], dayCells),
  ]);
  return table(shape, rows, columns, { indent });
}

const runColumns: readonly Column[] = [
  { name: 'opened', rank: 4, least: 10, stops: timeStops, cut: shortTime },
  { name: 'source', rank: 1, least: idLeast },
  { name: 'outcome', rank: 2 },
  { name: 'worked', rank: 5 },
  { name: 'fetched', rank: 8 },
  { name: 'known', rank: 9 },
  { name: 'removed', rank: 11 },
  { name: 'deferred', rank: 10 },
  { name: 'dead', rank: 7 },
  { name: 'inserted', rank: 3 },
  { name: 'a second', rank: 6 },
];

function runLines({ runs }: Statistics, { columns }: Terminal): string[] {
  if (runs.length === 0) return [];
  const rows = runs.map(
    ({ source, openedAt, closedAt, outcome, fetched, inserted, known, removed, deferred, dead, workedMs, ...run }) => {
      return [
        new Date(openedAt).toISOString().slice(0, 16).replace('T', ' '),
        source,
        outcome ?? (closedAt === null ? 'not ended' : 'ended'),
        duration(workedMs),
        fetched,
        known,
        removed,
        deferred,
        dead,
        inserted,
        run.eventsPerSecond,
      ];
    },
  );
  return table(runColumns, rows, columns, { indent });
}
