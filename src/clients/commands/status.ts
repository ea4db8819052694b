// tributary status: what runs and what every source has. Starts nothing.
import { isEngineError } from '../../domain/errors.js';
import { pauseText } from '../../domain/pause.js';
import { streamsText } from '../../domain/streams.js';
import { waitText } from '../../domain/wait.js';
import { workerGoneSeconds } from '../../domain/worker-times.js';
import { stackStatus, type Stack, type StackStatus } from '../../local/stack.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import type { Pool } from '../../store/pool.js';
import { listWorkers } from '../../store/workers.js';
import { addressesOf, addressLines } from '../stack/addresses.js';
import { exitCodes, failureReport } from '../failure-report.js';
import { duration } from '../terminal/figures.js';
import { homeItem, homeLines } from '../stack/home-lines.js';
import { isLastKnown, isOpen, stateOf, stateText, type View } from '../sources/source-state.js';
import { partEndLines } from '../stack/part-ends.js';
import { setbackLines, type Setback } from '../sync/setback-text.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import { idLeast } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { workerItem, workerLines } from '../stack/worker-lines.js';
import { sentenceLines } from '../terminal/text-width.js';
import type { Terminal } from '../terminal/terminal.js';
import { pasteable } from '../terminal/own-command.js';

export async function statusCommand(command: Command): Promise<number> {
  const { config, terminal } = command;
  const status = await stackStatus(config);
  const { state, stack } = status;
  const addresses =
    stack === null
      ? { databaseUrl: null, temporalAddress: null, temporalUi: null, temporalCli: null, frontDoor: null }
      : addressesOf(stack);
  terminal.hint(stackText(status, config.home));
  for (const line of homeLines(config)) terminal.say(line);
  for (const line of partEndLines(status.processes, config.memoryBytes)) terminal.say(line);
  for (const line of stack === null ? [] : addressLines(stack)) terminal.say(line);
  const { databaseProblem, temporalProblem } = stack === null ? noProblems : await tellSources(command, stack);
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

interface Problems {
  readonly databaseProblem: string | null;
  readonly temporalProblem: string | null;
}

const noProblems: Problems = { databaseProblem: null, temporalProblem: null };

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

async function tellSources(command: Command, stack: Stack): Promise<Problems> {
  const { terminal } = command;
  try {
    const { workers, sources, view, temporalProblem } = await withDatabase(stack.databaseUrl, (pool) =>
      look(command, stack, pool),
    );
    for (const worker of workers) terminal.item(workerItem(worker));
    terminal.say();
    for (const line of workerLines(workers, terminal.columns)) terminal.say(line);
    for (const source of sources) terminal.item(sourceItem(source, view));
    terminal.say();
    for (const line of sourceLines(sources, view, terminal)) terminal.say(line);
    tellSetbacks(view?.setbacks ?? [], terminal);
    if (temporalProblem !== null)
      terminal.note(`whether syncs run, and what is tried again, is not known: ${temporalProblem}`);
    return { databaseProblem: null, temporalProblem };
  } catch (error) {
    // The stack's own state is worth telling without them.
    const { line } = failureReport(error);
    terminal.note(`the sources are not known: ${line}`);
    return { databaseProblem: line.replace('error: ', ''), temporalProblem: null };
  }
}

async function look({ config }: Command, stack: Stack, pool: Pool) {
  const workers = await listWorkers(pool, null, workerGoneSeconds);
  const sources = await listSourceStatus(pool);
  const { temporalView } = await import('../sync/temporal-view.js');
  const open = sources.filter(isOpen).map(({ id }) => id);
  try {
    const view = await temporalView(config, stack, open);
    // A run closes its row before it ends: a row that is still open after Temporal said that the run has ended was left
    // open.
    return {
      workers,
      sources: view.ends.size > 0 ? await listSourceStatus(pool) : sources,
      view,
      temporalProblem: null,
    };
  } catch (error) {
    const problem = failureReport(error).line.replace('error: ', '');
    return {
      workers,
      sources,
      view: null,
      temporalProblem: isEngineError(error)
        ? problem
        : `Temporal at ${stack.temporalAddress} does not tell (${problem})`,
    };
  }
}

function tellSetbacks(setbacks: readonly Setback[], terminal: Terminal): void {
  for (const setback of setbacks) terminal.item({ retry: setback });
  if (setbacks.length > 0) terminal.say();
  for (const line of setbackLines(setbacks))
    for (const part of sentenceLines(line, terminal.columns)) terminal.say(part);
}

export type SourceItem = ReturnType<typeof sourceItem>;

export function sourceItem(source: SourceStatus, view: View) {
  const { id, type, origin, lastRun, positioned, positionAt } = source;
  const { fetched, inserted, known, removed, deferred, dead, discarded } = source;
  return {
    source: id,
    type,
    origin,
    state: stateOf(source, view),
    lastKnown: isLastKnown(source, view),
    outcome: lastRun?.outcome ?? null,
    error: lastRun?.error ?? null,
    problems: lastRun?.problems ?? [],
    pause: source.pause,
    wait: source.wait,
    streams: source.streams,
    fetched,
    inserted,
    known,
    removed,
    deferred,
    dead_letters: dead,
    discarded,
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

/** What needs a person stays longest: the source, how it stands, what could not be stored, and why. */
const columns: readonly Column[] = [
  { name: 'source', rank: 1, least: idLeast },
  { name: 'type', rank: 8 },
  { name: 'state', rank: 2 },
  { name: 'last run', rank: 7 },
  { name: 'inserted', rank: 5 },
  { name: 'known', rank: 9 },
  { name: 'deferred', rank: 6 },
  { name: 'dead letters', short: 'dead', rank: 3 },
  { name: 'position', rank: 10 },
  { name: 'note', rank: 4, least: 16 },
];

function sourceLines(sources: readonly SourceStatus[], view: View, terminal: Terminal): string[] {
  if (sources.length === 0) return [pasteable('no sources yet; `tributary sync .` reads the first')];
  const rows = sources.map((source) => {
    const { id, type, lastRun, inserted, known, deferred, dead, positioned, positionAt } = source;
    const age = positioned ? `${duration(Date.now() - positionAt.getTime())} old` : 'at the start';
    return [
      id,
      type,
      stateText(source, view),
      lastRun?.outcome ?? '-',
      inserted,
      known,
      deferred,
      dead,
      age,
      noteOf(source),
    ];
  });
  return table(columns, rows, terminal.columns);
}
