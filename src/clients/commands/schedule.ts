// tributary schedule: recurring syncs, as Temporal Schedules.
import type { Client } from '@temporalio/client';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { installed } from '../../extensions/installed.js';
import { connectTemporal } from '../stack/connect.js';
import { exitCodes } from '../failure-report.js';
import { duration } from '../terminal/figures.js';
import { knownSource } from '../sources/known-source.js';
import { eitherTimeText, timesOf } from '../schedule-times.js';
import { changeSchedule, listSchedules, setSchedule, type ListedSchedule, type ScheduleChange } from '../schedules.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { idLeast } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { checkWorkers } from '../stack/worker-check.js';

/** `set` may be left out, so a verb that is misspelt looks like an id: one with a second word, or without times, is no order. */
export async function setCommand(
  command: Command,
  words: readonly string[],
  options: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const [id = ''] = words;
  const verb = `${JSON.stringify(id.slice(0, 40))} is none of ${verbs.join(', ')}`;
  if (words.length > 1)
    throw new InvalidInput('schedule', `${verb}; expected one of them, or an id alone with --every or --cron`);
  const source = parseInput(sourceIdSchema, id, 'id');
  if (options['every'] === undefined && options['cron'] === undefined)
    throw new InvalidInput('every', `${eitherTimeText}; and ${verb}`);
  const times = timesOf(options);
  const stack = await openStack(command);
  const { modules } = await installed(command.config);
  await withDatabase(stack.databaseUrl, async (pool) => {
    await knownSource(pool, source, 'id');
    await checkWorkers(pool, command, modules);
  });
  return withTemporal(command, async (client) => {
    const outcome = await setSchedule(client, command.config.taskQueue, source, times);
    const [listed] = (await listSchedules(client)).filter((schedule) => schedule.source === source);
    command.terminal.item({ outcome, source, ...times, nextAt: listed?.nextAt ?? null });
    command.terminal.say(
      `${source} is synced ${options['cron'] === undefined ? `every ${options['every']}` : `by cron ${options['cron']}${options['timezone'] === undefined ? ' (UTC)' : ` (${options['timezone']})`}`}; a tick that finds a sync running is skipped`,
    );
    return exitCodes.fine;
  });
}

const verbs = ['set', 'list', 'trigger', 'pause', 'resume', 'remove'] as const;
const done: Record<ScheduleChange, string> = {
  trigger: 'was started once; `tributary status` shows how it goes',
  pause: 'is not started any more; `tributary schedule resume` starts it again',
  resume: 'is started again at its times',
  remove: 'has no schedule any more; what it stored stays',
};

export async function changeCommand(
  command: Command,
  id: string,
  change: ScheduleChange,
  reason: string | undefined,
): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  await openStack(command);
  return withTemporal(command, async (client) => {
    await changeSchedule(client, source, change, reason);
    command.terminal.item({ outcome: change, source });
    command.terminal.hint(`${source} ${done[change]}`);
    return exitCodes.fine;
  });
}

const columns: readonly Column[] = [
  { name: 'source', rank: 1, least: idLeast },
  { name: 'times', rank: 3, least: 10 },
  { name: 'last start', short: 'last', rank: 4 },
  { name: 'next start', short: 'next', rank: 2 },
  { name: 'note', rank: 5, least: 10 },
];

export async function listCommand(command: Command): Promise<number> {
  const { terminal } = command;
  return withTemporal(command, async (client) => {
    const schedules = await listSchedules(client);
    for (const schedule of schedules) terminal.item(schedule);
    if (schedules.length === 0) terminal.hint('no schedules; `tributary schedule acme/api --every 5m` makes one');
    else for (const line of table(columns, schedules.map(row), terminal.columns)) terminal.say(line);
    return exitCodes.fine;
  });
}

function row({ source, times, paused, lastAt, nextAt, note }: ListedSchedule): string[] {
  const last = lastAt === null ? '-' : `${duration(Date.now() - lastAt.getTime())} ago`;
  const next = nextAt === null ? '-' : `in ${duration(Math.max(0, nextAt.getTime() - Date.now()))}`;
  return [source, times, last, paused ? 'paused' : next, note ?? ''];
}

async function withTemporal(command: Command, work: (client: Client) => Promise<number>): Promise<number> {
  const client = await connectTemporal(command.config, await openStack(command));
  try {
    return await work(client);
  } finally {
    await client.connection.close();
  }
}
