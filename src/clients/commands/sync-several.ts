// tributary sync of several known sources, or of all: a line for each while they go on, a row for each at the end, and a sum.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { pauseText } from '../../domain/pause.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { installed } from '../../extensions/installed.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { Pool } from '../../store/pool.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import { findSource } from '../../store/sources.js';
import { exitCodes, failureReport } from '../failure-report.js';
import { exitCodeUnlessLeft, onInterrupt } from '../interrupt.js';
import { knownSource } from '../sources/known-source.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { checkWorkers } from '../stack/worker-check.js';
import { knownOrder, type SyncMode } from '../sync/source-input.js';
import { syncBoard, type SyncBoard } from '../sync/sync-board.js';
import { previewOf } from '../sync/sync-preview.js';
import { amount, counted } from '../terminal/figures.js';
import { printable, type Terminal } from '../terminal/terminal.js';
import { run, syncCommand, type Attachment } from './sync.js';

/** Each is asked how far it is five times a second; the others wait for their turn. */
const syncsAtOnce = 8;

export interface SyncOptions {
  readonly all?: boolean;
  readonly id?: string;
  readonly set?: string[];
  readonly detach?: boolean;
  readonly acceptDeletions?: true;
}

/** A type and its place, or one id, or several ids, or all. */
export async function syncWordsCommand(
  command: Command,
  words: readonly string[],
  options: SyncOptions,
): Promise<number> {
  const { all = false, id, set = [], detach = false, acceptDeletions } = options;
  const [type = '', argument, ...more] = words;
  const several = all || (argument !== undefined && (await areIds(command, words)));
  if (!several && more.length > 0)
    throw new InvalidInput('place', `found ${JSON.stringify(more[0])} behind it, expected one`);
  if (!several) return syncCommand(command, { type, argument, id, set }, detach, { acceptDeletions });
  if (all && words.length > 0)
    throw new InvalidInput('all', `is given beside ${JSON.stringify(type)}; expected one of them`);
  const one = Object.entries({ id, set: set[0] }).find(([, value]) => value !== undefined);
  if (one !== undefined) throw new InvalidInput(one[0], 'is about one source, and several are named');
  return syncSeveralCommand(command, all ? null : words, detach, { acceptDeletions });
}

/** None of them a type, or what only a path or a url can be. */
async function areIds({ config }: Command, words: readonly string[]): Promise<boolean> {
  const { registry } = await installed(config);
  return !registry.types.includes(words[0]!) && words.every((word) => sourceIdSchema.safeParse(word).success);
}

/** `ids` null: every source that is not paused. */
async function syncSeveralCommand(
  command: Command,
  ids: readonly string[] | null,
  detach: boolean,
  mode: SyncMode,
): Promise<number> {
  const given = ids?.map((id, at) => parseInput(sourceIdSchema, id, `ids.${at}`)) ?? null;
  const twice = given?.find((id, at) => given.indexOf(id) < at);
  if (twice !== undefined) throw new InvalidInput('ids', `${twice} is given twice; expected each once`);
  const { registry, modules } = await installed(command.config);
  const stack = await openStack(command);
  const { connectTemporal } = await import('../stack/connect.js');
  const client = await connectTemporal(command.config, stack);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      const sources = await wanted(pool, given, registry);
      await checkWorkers(pool, command, modules);
      return syncAll({ command, stack, client, pool, registry }, sources, { detach, mode, named: given !== null });
    });
  } finally {
    await client.connection.close();
  }
}

/** Each named one is known, before any is started. */
async function wanted(pool: Pool, ids: readonly string[] | null, registry: SourceRegistry): Promise<SourceStatus[]> {
  for (const id of ids ?? []) {
    if (registry.types.includes(id))
      throw new InvalidInput('ids', `${id} is a type of source; expected ids of known ones`);
    // The first word of two is a type more often than an id.
    if (id === ids?.[0] && (await findSource(pool, id)) === undefined)
      throw new InvalidInput(
        'type or id',
        `found ${JSON.stringify(id)}, expected one of ${registry.types.join(', ')}, or the id of a known source`,
      );
    await knownSource(pool, id, 'type or id');
  }
  const all = await listSourceStatus(pool);
  if (all.length === 0)
    throw new InvalidInput('all', 'there are no sources yet; `tributary sync git .` reads the first');
  return ids === null ? all : ids.map((id) => all.find((source) => source.id === id)!);
}

type Place = Omit<Attachment, 'order' | 'preview' | 'line'>;

async function syncAll(
  place: Place,
  sources: readonly SourceStatus[],
  { detach, mode, named }: Pick<How, 'detach' | 'mode' | 'named'>,
): Promise<number> {
  const { command } = place;
  const leave = onInterrupt();
  const board = syncBoard(
    command.terminal,
    sources.map(({ id }) => id),
  );
  const ends: SourceEnd[] = [];
  const rest = sources.values();
  const take = async (): Promise<void> => {
    for (const source of rest) {
      if (leave.aborted) return;
      const end = await syncOne(place, source, { board, detach, mode, leave, named });
      command.terminal.item(end.item);
      board.over(source.id, endLine(end));
      ends.push(end);
    }
  };
  try {
    await Promise.all(Array.from({ length: syncsAtOnce }, take));
  } finally {
    board.end();
  }
  return exitCodeUnlessLeft(tellSum(ends, sources.length, command.terminal));
}

interface SourceEnd {
  readonly source: string;
  readonly item: Record<string, unknown>;
  readonly exitCode: number;
  readonly problem: string | null;
}

interface How {
  readonly board: SyncBoard;
  readonly detach: boolean;
  readonly mode: SyncMode;
  readonly leave: AbortSignal;
  /** By a person: one that is paused was asked for and is not read. Of all sources, it is passed over. */
  readonly named: boolean;
}

/** As `tributary sync <id>`, with its words kept instead of said. One that fails does not end the others. */
async function syncOne(
  place: Place,
  { id, pause }: SourceStatus,
  { board, detach, mode, leave, named }: How,
): Promise<SourceEnd> {
  if (pause !== null) {
    const item = { outcome: 'paused', source: id, reason: pauseText(pause) };
    return { source: id, item, exitCode: named ? exitCodes.attention : exitCodes.fine, problem: item.reason };
  }
  const items: Record<string, unknown>[] = [];
  const notes: string[] = [];
  const kept: Terminal = {
    ...place.command.terminal,
    json: true,
    say: () => undefined,
    hint: () => undefined,
    item: (value) => void items.push(value as Record<string, unknown>),
    note: (line) => void notes.push(line),
  };
  try {
    const row = await knownSource(place.pool, id, 'type or id');
    const order = knownOrder(row, mode);
    const preview = previewOf(place.registry, order, row);
    const command = { ...place.command, terminal: kept };
    const exitCode = await run({ ...place, command, order, preview, line: board.lineOf(id) }, detach, leave);
    return {
      source: id,
      item: items.at(-1)!,
      exitCode,
      problem: exitCode === exitCodes.fine ? null : (notes.at(-1) ?? null),
    };
  } catch (error) {
    const { line, exitCode } = failureReport(error);
    return { source: id, item: { outcome: 'failed', source: id, error: line }, exitCode, problem: line };
  }
}

function endLine({ source, item, problem }: SourceEnd): string {
  const {
    outcome,
    inserted,
    skipped_existing: existing = 0,
    skipped_duplicate: duplicate = 0,
    dead_letters: dead = 0,
  } = item;
  const figures =
    typeof inserted === 'number'
      ? `: ${amount(inserted, 'event')} inserted, ${counted(Number(existing) + Number(duplicate))} known${dead === 0 ? '' : `, ${amount(Number(dead), 'dead letter')}`}`
      : '';
  return printable(
    `${source}  ${String(outcome).replaceAll('_', ' ')}${figures}${problem === null ? '' : ` (${problem})`}`,
  );
}

const summed = [
  'total',
  'inserted',
  'skipped_duplicate',
  'skipped_existing',
  'removed',
  'deferred',
  'dead_letters',
  'errors',
] as const;

/** The worst of the exit codes: a failure, or what needs a person, must not hide among those that went well. */
function tellSum(ends: readonly SourceEnd[], all: number, terminal: Terminal): number {
  const exitCode = Math.max(exitCodes.fine, ...ends.map((end) => end.exitCode));
  const sums = Object.fromEntries(
    summed.map((name) => [name, ends.reduce((sum, { item }) => sum + (Number(item[name]) || 0), 0)]),
  );
  const wrong = ends.filter((end) => end.exitCode !== exitCodes.fine).length;
  terminal.item({ outcome: 'all', sources: all, ended: ends.length, problems: wrong, ...sums });
  const left = all > ends.length ? `, ${amount(all - ends.length, 'was', 'were')} not started` : '';
  terminal.say(
    `${terminal.style.bold(amount(ends.length, 'source'))}: ${amount(sums['inserted']!, 'event')} inserted, ${amount(sums['dead_letters']!, 'dead letter')}, ${wrong === 0 ? 'no problems' : `${amount(wrong, 'source')} with a problem`}${left}`,
  );
  return exitCode;
}
