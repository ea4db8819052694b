// The workers as `status` shows them.
import { duration } from '../terminal/figures.js';
import type { WorkerRow } from '../../store/workers.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/terminal.js';

/** What every worker has is not told. */
const usual = { stages: ['validate', 'hash', 'deduplicate', 'enrich', 'persist'], processors: ['metadata', 'code'] };

const columns: readonly Column[] = [
  { name: 'worker', rank: 1 },
  { name: 'host', rank: 5, least: 8 },
  { name: 'queue', rank: 6, least: 8 },
  { name: 'version', rank: 4 },
  { name: 'since', rank: 2 },
  { name: 'sources', rank: 7, least: 8 },
  { name: 'own stages', rank: 8 },
  { name: 'own processors', rank: 9 },
  { name: 'settings', rank: 3, least: 8 },
];

export function workerLines(workers: readonly WorkerRow[], cells: number | null): string[] {
  if (workers.length === 0) return ['no worker has said of late that it works'];
  const rows = workers.map(({ pid, host, taskQueue, version, startedAt, sources, stages, processors, settings }) => [
    String(pid),
    printable(host),
    taskQueue,
    version,
    duration(Date.now() - startedAt.getTime()),
    sources.join(', '),
    beyond(stages, usual.stages),
    beyond(processors, usual.processors),
    settingsText(settings),
  ]);
  return table(columns, rows, cells);
}

function beyond(names: readonly string[], known: readonly string[]): string {
  return names.filter((name) => !known.includes(name)).join(', ') || '-';
}

function settingsText({ memoryBytes, enrichOff, embed }: WorkerRow['settings']): string {
  return [
    `${Math.round(memoryBytes / 1_024 / 1_024)} MiB`,
    ...(enrichOff.length === 0 ? [] : [`without ${enrichOff.join(', ')}`]),
    ...(embed === null ? [] : [`embeds by ${printable(embed.model)}`]),
  ].join('; ');
}

export function workerItem({ id, ...worker }: WorkerRow): Record<string, unknown> {
  return { worker: id, ...worker };
}
