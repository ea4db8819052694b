// Whether the workers that run have what is named in the environment of a command. What they lack would be left out without
// a word: a stage they do not have never sees the events that pass meanwhile.
import type { Config } from '../../config.js';
import { InvalidInput } from '../../domain/errors.js';
import { workerGoneSeconds } from '../../domain/worker-times.js';
import type { ExtensionModule } from '../../extensions/module.js';
import { limits } from '../../limits.js';
import type { Pool } from '../../store/pool.js';
import { listWorkers, type WorkerRow } from '../../store/workers.js';
import { usualMemoryBytes } from '../../worker-memory.js';
import type { Terminal } from '../terminal/terminal.js';

/** Throws InvalidInput that names the variable and what the worker lacks; what only holds differently is noted. */
export async function checkWorkers(
  pool: Pool,
  { config, terminal }: { readonly config: Config; readonly terminal: Pick<Terminal, 'note'> },
  modules: readonly ExtensionModule[],
): Promise<void> {
  for (const worker of await listWorkers(pool, config.taskQueue, workerGoneSeconds)) {
    const problem = difference(worker, config, modules);
    if (problem === null) {
      for (const note of otherwise(worker, config)) terminal.note(note);
      continue;
    }
    const [variable, text] = problem;
    throw new InvalidInput(
      variable,
      `${text} in the worker that runs (process ${worker.pid} on ${worker.host}); end it and start it with the same environment (\`tributary down\`, then this command), or unset ${variable} here`,
    );
  }
}

/** The variable and what differs, or null. What a worker has beyond what is named here holds as it is. */
export function difference(
  worker: WorkerRow,
  config: Config,
  modules: readonly ExtensionModule[],
): readonly [string, string] | null {
  const [sources, stages, processors] = [
    modules.flatMap((one) => one.sources.map(({ type }) => type)),
    modules.flatMap((one) => one.stages),
    modules.flatMap((one) => one.processors),
  ];
  const lacking = (kind: string, names: readonly string[], there: readonly string[]): string | null => {
    const missing = names.filter((name) => !there.includes(name));
    return missing.length === 0
      ? null
      : `has the ${kind} ${missing.join(', ')}, which ${missing.length === 1 ? 'is' : 'are'} not`;
  };
  const off = config.enrichOff.filter((name) => worker.processors.includes(name));
  const own = processors.map(({ name }) => name).filter((name) => !config.enrichOff.includes(name));
  const problem =
    lacking('source type', sources, worker.sources) ??
    lacking(
      'stage',
      stages.map(({ name }) => name),
      worker.stages,
    ) ??
    lacking('processor', own, [...worker.processors, ...worker.settings.enrichOff]);
  if (problem !== null) return ['TRIBUTARY_EXTENSIONS', problem];
  if (off.length > 0)
    return ['TRIBUTARY_ENRICH_OFF', `names ${off.join(', ')}, which ${off.length === 1 ? 'runs' : 'run'}`];
  return embedDifference(worker, config);
}

/** Settings of the command that differ from what is usual, and from those of the worker, which hold. */
export function otherwise({ pid, host, settings }: WorkerRow, config: Config): string[] {
  const mib = (bytes: number): string => `${Math.round(bytes / 1_024 / 1_024)}MiB`;
  const numbers = [
    [
      'TRIBUTARY_RAW_RETENTION_DAYS',
      String(config.rawRetentionDays),
      String(limits.rawRetentionDays),
      String(settings.rawRetentionDays),
    ],
    [
      'TRIBUTARY_RECENT_HASHES',
      String(config.recentHashesMax),
      String(limits.recentHashesMax),
      String(settings.recentHashesMax),
    ],
    ['TRIBUTARY_MEMORY', mib(config.memoryBytes), mib(usualMemoryBytes()), mib(settings.memoryBytes)],
  ] as const;
  const differing = numbers.filter(([, here, usual, there]) => here !== usual && here !== there);
  return differing.map(
    ([variable, here, , there]) =>
      `${variable} is ${here} here, and ${there} in the worker that runs (process ${pid} on ${host}), which holds`,
  );
}

function embedDifference(
  { settings: { embed: theirs } }: WorkerRow,
  { embed: ours }: Config,
): readonly [string, string] | null {
  if (ours === undefined || (theirs !== null && theirs.url === ours.url && theirs.model === ours.model)) return null;
  if (theirs === null) return ['TRIBUTARY_EMBED_URL', 'is set, and nothing is embedded'];
  return theirs.model === ours.model
    ? ['TRIBUTARY_EMBED_URL', `is ${ours.url}, and ${theirs.url} is asked`]
    : ['TRIBUTARY_EMBED_MODEL', `is ${ours.model}, and the model is ${theirs.model}`];
}
