// tributary status: what runs and what every source has. Starts nothing.
import { pauseText } from '../../domain/pause.js';
import { streamsText } from '../../domain/streams.js';
import { waitText } from '../../domain/wait.js';
import { workerGoneSeconds } from '../../domain/worker-times.js';
import { stackStatus, type Stack, type StackStatus } from '../../local/stack.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import { listWorkers } from '../../store/workers.js';
import { addressesOf, addressLines } from '../stack/addresses.js';
import { exitCodes, failureReport } from '../failure-report.js';
import { duration } from '../terminal/figures.js';
import { homeItem, homeLines } from '../stack/home-lines.js';
import { partEndLines } from '../stack/part-ends.js';
import { setbackLines } from '../sync/setback-text.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import { table } from '../terminal/table.js';
import { workerItem, workerLines } from '../stack/worker-lines.js';
import type { Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

export async function statusCommand(command: Command): Promise<number> {
  const { config, terminal } = command;
  const status = await stackStatus(config);
  const { state, stack } = status;
  const addresses =
    stack === null
      ? { databaseUrl: null, temporalAddress: null, temporalUi: null, temporalCli: null }
      : addressesOf(stack);
  terminal.hint(stackText(status, config.home));
  for (const line of homeLines(config)) terminal.say(line);
  for (const line of partEndLines(status.processes, config.memoryBytes)) terminal.say(line);
  for (const line of stack === null ? [] : addressLines(stack)) terminal.say(line);
  const databaseProblem = stack === null ? null : await tellSources(terminal, stack.databaseUrl);
  const temporalProblem = stack === null ? null : await tellSetbacks(command, stack);
  terminal.item({
    stack: state,
    ...addresses,
    ...homeItem(config),
    supervisorPid: status.supervisorPid,
    processes: status.processes,
    problem: status.problem,
    databaseProblem,
    temporalProblem,
  });
  const isFine = isAsWanted(status) && databaseProblem === null && temporalProblem === null;
  return isFine ? exitCodes.fine : exitCodes.failed;
}

/** Stopped is as wanted: somebody stopped it, or nobody started it. */
function isAsWanted({ state, problem }: StackStatus): boolean {
  return problem === null && state !== 'failed' && state !== 'crashed';
}

function stackText({ state, problem, processes }: StackStatus, home: string): string {
  const parts = processes.map(({ name, pid, running }) => `${name} ${running ? pid : 'is being restarted'}`).join(', ');
  switch (state) {
    case 'external':
      return 'Temporal and Postgres are your own';
    case 'stopped':
      return `nothing runs in ${home}; \`tributary up\` starts it`;
    case 'crashed':
      return `the supervisor in ${home} was killed; \`tributary up\` puts it right`;
    case 'failed':
      return `the last start in ${home} failed: ${problem}`;
    default:
      return `${state} in ${home} (${parts})${problem === null ? '' : `; ${problem}`}`;
  }
}

/** Returns what is wrong, or null. */
async function tellSources(terminal: Terminal, databaseUrl: string): Promise<string | null> {
  try {
    const [workers, sources] = await withDatabase(
      databaseUrl,
      async (pool) => [await listWorkers(pool, null, workerGoneSeconds), await listSourceStatus(pool)] as const,
    );
    for (const worker of workers) terminal.item(workerItem(worker));
    terminal.say();
    for (const line of workerLines(workers, terminal.columns)) terminal.say(line);
    for (const source of sources) terminal.item(sourceItem(source));
    terminal.say();
    for (const line of sourceLines(sources, terminal)) terminal.say(line);
    return null;
  } catch (error) {
    // The stack's own state is worth telling without them.
    const { line } = failureReport(error);
    terminal.note(`the sources are not known: ${line}`);
    return line.replace('error: ', '');
  }
}

/** Known to Temporal alone. Returns what is wrong with it, or null: the rest is from Postgres and holds without it. */
async function tellSetbacks({ config, terminal }: Command, stack: Stack): Promise<string | null> {
  try {
    const { allSetbacks } = await import('../sync/all-setbacks.js');
    const setbacks = await allSetbacks(config, stack);
    for (const setback of setbacks) terminal.item({ retry: setback });
    if (setbacks.length > 0) terminal.say();
    for (const line of setbackLines(setbacks)) terminal.say(line);
    return null;
  } catch (error) {
    const { line } = failureReport(error);
    terminal.note(`what runs and what is tried again is not known: ${line}`);
    return line.replace('error: ', '');
  }
}

export function stateOf({ lastRun, pause, wait, removal, removedAt }: SourceStatus): string {
  if (removal !== null) return removedAt === null ? 'being removed' : 'removed';
  if (pause !== null) return 'paused';
  if (lastRun === null) return 'new';
  if (wait !== null) return wait.state.replace('_', ' ');
  return lastRun.closedAt === null ? 'running' : 'idle';
}

export type SourceItem = ReturnType<typeof sourceItem>;

export function sourceItem(source: SourceStatus) {
  const { id, type, origin, lastRun, positioned, positionAt, fetched, inserted, known, deferred, dead } = source;
  return {
    source: id,
    type,
    origin,
    state: stateOf(source),
    outcome: lastRun?.outcome ?? null,
    error: lastRun?.error ?? null,
    problems: lastRun?.problems ?? [],
    pause: source.pause,
    wait: source.wait,
    streams: source.streams,
    fetched,
    inserted,
    known,
    deferred,
    dead_letters: dead,
    runId: lastRun?.runId ?? null,
    openedAt: lastRun?.openedAt ?? null,
    closedAt: lastRun?.closedAt ?? null,
    positionAt: positioned ? positionAt : null,
    positionAgeMs: positioned ? Date.now() - positionAt.getTime() : null,
  };
}

function noteOf({ lastRun, pause, wait, streams }: SourceStatus): string {
  if (pause !== null) return pauseText(pause);
  if (wait !== null) return waitText(wait);
  const { error = null, problems = null } = lastRun ?? {};
  const told = (problems ?? []).map(({ message, since }) => `since ${since}: ${message}`);
  return error ?? [...told, ...(streams === null ? [] : [streamsText(streams)])].join('; ');
}

function sourceLines(sources: readonly SourceStatus[], { columns }: Terminal): string[] {
  if (sources.length === 0) return [pasteable('no sources yet; `tributary sync git .` reads the first')];
  const header = [
    'source',
    'type',
    'state',
    'last run',
    'inserted',
    'known',
    'deferred',
    'dead letters',
    'position',
    'note',
  ];
  const rows = sources.map((source) => {
    const { id, type, lastRun, inserted, known, deferred, dead, positioned, positionAt } = source;
    const age = positioned ? `${duration(Date.now() - positionAt.getTime())} old` : 'at the start';
    return [id, type, stateOf(source), lastRun?.outcome ?? '-', inserted, known, deferred, dead, age, noteOf(source)];
  });
  return table(header, rows, columns);
}
