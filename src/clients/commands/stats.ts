// tributary stats: figures of the last days, as tables and a bar for each day, or as one JSON line each.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { listSourceStatus } from '../../store/reading/source-status.js';
import { statistics, type Shares, type Statistics } from '../../store/reading/statistics.js';
import { exitCodes } from '../failure-report.js';
import { bytes, counted, duration } from '../terminal/figures.js';
import { wholeNumber } from '../option-values.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { table } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

const barCells = 40;
const priorityNames: Readonly<Record<string, string>> = { 1: 'low', 2: 'normal', 3: 'high', 4: 'critical' };

export async function statsCommand(command: Command, id: string | undefined, daysText: string): Promise<number> {
  const source = id === undefined ? undefined : parseInput(sourceIdSchema, id, 'source');
  const days = wholeNumber('days', daysText, 1, limits.statisticsDaysMax)!;
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const found = await withDatabase(databaseUrl, async (pool) => {
    if (source !== undefined && (await listSourceStatus(pool, source)).length === 0) {
      throw new InvalidInput('source', `no source ${source} is known; \`tributary status\` lists them`);
    }
    return statistics(pool, { source, days });
  });
  terminal.item({ ...(source === undefined ? {} : { source }), ...found });
  for (const line of statisticsLines(found, terminal)) terminal.say(line);
  return exitCodes.fine;
}

function statisticsLines(found: Statistics, terminal: Terminal): string[] {
  const { ever, recent, days, byType, byPriority, databaseBytes } = found;
  const { bold } = terminal.style;
  return [
    `${bold(counted(ever.inserted))} events stored, ${counted(recent.inserted)} in ${days === 1 ? 'this day' : `these ${days} days`} (UTC); the database has ${bytes(databaseBytes)}`,
    ...failureLines(found),
    ...section(bold('By day'), dayLines(found, terminal)),
    ...section(bold('By source'), sourceLines(found, terminal)),
    ...section(bold(`By type${estimate(byType)}`), shareLines(byType)),
    ...section(
      bold(`By priority${estimate(byPriority)}`),
      shareLines(byPriority, (name) => priorityNames[name] ?? name),
    ),
    ...section(bold('Runs, the latest first'), runLines(found, terminal)),
    ...section(
      bold('Dead letters by stage'),
      Object.entries(found.deadByStage).map(([stage, count]) => `${stage}  ${counted(count)}`),
    ),
  ];
}

function failureLines({ recent: { failures } }: Statistics): string[] {
  if (failures === 0) return [];
  return [
    `${counted(failures)} failures of processors and of the embedder in that time; the events are stored without`,
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

function estimate({ estimated }: Shares): string {
  return estimated ? ' (estimated from a sample; all other figures are exact)' : '';
}

function dayLines({ byDay }: Statistics, { style }: Terminal): string[] {
  const most = Math.max(1, ...byDay.map(({ inserted }) => inserted));
  const widest = counted(most).length;
  return byDay.map(({ day, inserted }) => {
    // A day with anything has a bar.
    const cells = inserted === 0 ? 0 : Math.max(1, Math.round((barCells * inserted) / most));
    return `${day}  ${counted(inserted).padStart(widest)}  ${style.cyan('█'.repeat(cells))}`.trimEnd();
  });
}

function sourceLines({ bySource }: Statistics, { columns }: Terminal): string[] {
  if (bySource.length === 0) return [pasteable('no sources yet; `tributary sync git .` reads the first')];
  const rows = bySource.map(({ source, type, recent, inserted, known, removed, deferred, dead }) => [
    source,
    type,
    recent.inserted,
    inserted,
    known,
    removed,
    deferred,
    dead,
  ]);
  const header = ['source', 'type', 'these days', 'inserted', 'known', 'removed', 'deferred', 'dead letters'];
  return table(header, rows, columns);
}

function shareLines({ counts }: Shares, nameOf = (name: string): string => name): string[] {
  return Object.keys(counts).length === 0
    ? []
    : table(
        ['', 'events'],
        Object.entries(counts).map(([name, count]) => [nameOf(name), count]),
        null,
      ).slice(1);
}

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
  return table(
    [
      'opened',
      'source',
      'outcome',
      'worked',
      'fetched',
      'known',
      'removed',
      'deferred',
      'dead',
      'inserted',
      'a second',
    ],
    rows,
    columns,
  );
}
