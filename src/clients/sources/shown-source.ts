// A source in words: what it is, how it is read, how far it is.
import { amount, counted, duration } from '../terminal/figures.js';
import { valueText } from './changed-text.js';
import type { ListedSchedule } from '../schedules.js';
import type { ShownValues } from './shown-settings.js';
import { table, type Column } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import type { SourceItem } from '../commands/status.js';

export interface ShownSource extends SourceItem {
  readonly createdAt: Date;
  readonly options: ShownValues;
  readonly settings: ShownValues;
  readonly schedule: ListedSchedule | null;
  readonly run: {
    readonly mode: 'once' | 'follow';
    readonly state: string;
    readonly looks: number;
    readonly nextLookAt: string | null;
  } | null;
}

export function shownLines(shown: ShownSource, { style, columns }: Terminal): string[] {
  return [
    style.bold(`${shown.source}: ${shown.type} ${shown.origin}`),
    ...table(valueColumns('fact'), factRows(shown), columns, { header: false }),
    '',
    ...table(valueColumns('option'), valueRows(shown.options), columns),
    '',
    ...table(valueColumns('setting'), valueRows(shown.settings), columns),
  ];
}

/** The last one only where rows have a third cell. */
function valueColumns(name: 'fact' | 'option' | 'setting'): Column[] {
  const columns: Column[] = [
    { name, rank: 2 },
    { name: 'value', rank: 1, least: 12, wrap: true },
  ];
  return name === 'fact' ? columns : [...columns, { name: 'from', rank: 3 }];
}

function factRows({
  state,
  outcome,
  run,
  schedule,
  createdAt,
  positionAgeMs,
  inserted,
  known,
  deferred,
  dead_letters,
  error,
}: ShownSource): string[][] {
  return [
    ['state', `${state}${outcome === null ? '' : `, last run ${outcome}`}${error === null ? '' : `: ${error}`}`],
    ['run', run === null ? 'none' : runText(run)],
    ['schedule', schedule === null ? 'none' : `${schedule.times}${schedule.paused ? ', paused' : ''}`],
    ['position', positionAgeMs === null ? 'at the start' : `${duration(positionAgeMs)} old`],
    [
      'events',
      `${counted(inserted)} stored, ${counted(known)} known, ${counted(deferred)} deferred, ${amount(dead_letters, 'dead letter')}`,
    ],
    ['created', createdAt.toISOString()],
  ];
}

function runText({ mode, state, looks, nextLookAt }: NonNullable<ShownSource['run']>): string {
  if (mode === 'once') return state;
  const next =
    nextLookAt === null ? 'looking now' : `next look in ${duration(Math.max(0, Date.parse(nextLookAt) - Date.now()))}`;
  return `${state}, followed: ${amount(looks, 'look')}, ${next}`;
}

function valueRows(values: ShownValues): string[][] {
  return Object.entries(values).map(([name, { value, from }]) => [
    name,
    value === null ? 'all' : valueText(value),
    from,
  ]);
}
