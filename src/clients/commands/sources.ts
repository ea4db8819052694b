// tributary sources list and show: what sources there are, and all that is set of one.
import type { Client } from '@temporalio/client';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { installed } from '../../extensions/installed.js';
import { listSourceStatus } from '../../store/reading/source-status.js';
import { findSource } from '../../store/sources.js';
import type { Progress } from '../../workflows/messages.js';
import { valueText } from '../sources/changed-text.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { existingSource } from '../sources/known-source.js';
import { listSchedules, type ListedSchedule } from '../schedules.js';
import { shownLines, type ShownSource } from '../sources/shown-source.js';
import { shownOptions, shownSettings } from '../sources/shown-settings.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { findRunning } from '../sync/start-sync.js';
import { cutStart } from '../terminal/text-width.js';
import { idLeast } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { isOpen, stateText } from '../sources/source-state.js';
import { endsOf } from '../sync/temporal-view.js';
import { sourceItem } from './status.js';

const columns: readonly Column[] = [
  { name: 'source', rank: 1, least: idLeast },
  { name: 'type', rank: 4 },
  { name: 'state', rank: 2 },
  { name: 'events', rank: 3 },
  { name: 'origin', rank: 5, least: 12, cut: cutStart },
  { name: 'set', rank: 6, least: 12 },
];

export async function listCommand(command: Command): Promise<number> {
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const sources = await withDatabase(databaseUrl, (pool) => listSourceStatus(pool, null, true));
  for (const source of sources) terminal.item({ ...sourceItem(source, null), settings: source.settings });
  if (sources.length === 0) terminal.hint('no sources yet; `tributary sync git .` reads the first');
  const rows = sources.map((source) => {
    const { id, type, origin, settings, inserted } = source;
    const set = Object.entries(settings).map(([name, value]) => `${name}=${valueText(value)}`);
    return [id, type, stateText(source, null), inserted, origin, set.join(' ')];
  });
  if (rows.length > 0) for (const line of table(columns, rows, terminal.columns)) terminal.say(line);
  return exitCodes.fine;
}

export async function showCommand(command: Command, id: string): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const { terminal, config } = command;
  const stack = await openStack(command);
  const { row, status } = await withDatabase(stack.databaseUrl, async (pool) => {
    const found = existingSource(await findSource(pool, source), source);
    return { row: found, status: (await listSourceStatus(pool, source, true))[0]! };
  });
  const client = await connectTemporal(config, stack);
  try {
    const [schedule, progress, ends] = await Promise.all([
      scheduleOf(client, source),
      progressOf(client, source),
      endsOf(client, isOpen(status) ? [source] : []),
    ]);
    const { registry } = await installed(config);
    const schema = registry.types.includes(row.type) ? registry.get(row.type).options : undefined;
    const { polls, nextPollAt, mode, state } = progress ?? {};
    const shown: ShownSource = {
      ...sourceItem(status, { ends }),
      createdAt: status.createdAt,
      options: shownOptions(row.options, schema),
      settings: shownSettings(row.settings, config.rawRetentionDays),
      schedule,
      run: progress === undefined ? null : { mode: mode!, state: state!, looks: polls!, nextLookAt: nextPollAt! },
    };
    terminal.item(shown);
    for (const line of shownLines(shown, terminal)) terminal.say(line);
    return exitCodes.fine;
  } finally {
    await client.connection.close();
  }
}

async function scheduleOf(client: Client, source: string): Promise<ListedSchedule | null> {
  return (await listSchedules(client)).find((schedule) => schedule.source === source) ?? null;
}

/** Undefined when nothing runs, or no worker answers. */
async function progressOf(client: Client, source: string): Promise<Progress | undefined> {
  const answerMsMax = 2_000;
  const running = await findRunning(client, source);
  if (running === undefined) return undefined;
  const handle = client.workflow.getHandle(running.handle.workflowId);
  return client.withDeadline(Date.now() + answerMsMax, () => handle.query<Progress>('progress')).catch(() => undefined);
}
