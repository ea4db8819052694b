// tributary completion: the script for a shell, and the ids its script asks for.
import type { Command as Commander } from 'commander';
import type { Config } from '../../config.js';
import { InvalidInput } from '../../domain/errors.js';
import { letterName } from '../../domain/letter-key.js';
import { stageNames } from '../../domain/sync-input.js';
import { installed } from '../../extensions/installed.js';
import { limits } from '../../limits.js';
import { stackStatus, type Stack } from '../../local/stack.js';
import { listDeadLetters } from '../../store/reading/search-dead-letters.js';
import { listSourceIds } from '../../store/sources.js';
import { askable, completedCommands, type Asked } from '../completion/completion-data.js';
import { completionScript, shells, type Shell } from '../completion/completion-script.js';
import { exitCodes } from '../failure-report.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import type { Terminal } from '../terminal/terminal.js';

/** More than a person looks through; the words begun choose among these. */
const lettersMax = 500;

export async function completionCommand(
  { config, terminal }: Command,
  program: Commander,
  shell: string,
): Promise<number> {
  const asked = askable.find((one) => one === shell);
  if (asked !== undefined) {
    for (const id of await knownIds(config, asked)) tell(terminal, { [singular[asked]]: id }, id);
    return exitCodes.fine;
  }
  if (!shells.includes(shell as Shell))
    throw new InvalidInput(
      'shell',
      `found ${JSON.stringify(shell.slice(0, 40))}, expected one of ${shells.join(', ')}`,
    );
  const { registry, modules } = await installed(config);
  const stages = [...stageNames, ...modules.flatMap((one) => one.stages.map(({ name }) => name))];
  const { types, catalogue } = registry;
  const script = completionScript(shell as Shell, completedCommands(program, { types, catalogue, stages }));
  tell(terminal, { shell, script }, script.trimEnd());
  return exitCodes.fine;
}

const singular = { sources: 'source', schedules: 'schedule', letters: 'key' } as const;

function tell(terminal: Terminal, value: object, text: string): void {
  terminal.item(value);
  terminal.say(text);
}

/** Nothing when nothing runs or answers: who presses Tab wants no error and no wait. */
async function knownIds(config: Config, asked: Asked): Promise<string[]> {
  try {
    const { stack } = await stackStatus(config);
    if (stack === null) return [];
    if (asked === 'schedules') return await scheduledIds(config, stack);
    return await withDatabase(
      stack.databaseUrl,
      async (pool) =>
        asked === 'sources'
          ? listSourceIds(pool)
          : (await listDeadLetters(pool, { state: 'open' }, lettersMax)).map(letterName),
      limits.quickAnswerMs,
    );
  } catch {
    return [];
  }
}

async function scheduledIds(config: Config, stack: Stack): Promise<string[]> {
  const [{ connectTemporal }, { listSchedules }] = await Promise.all([
    import('../stack/connect.js'),
    import('../schedules.js'),
  ]);
  const client = await connectTemporal(config, stack, limits.quickAnswerMs);
  try {
    const listed = await client.withDeadline(Date.now() + limits.quickAnswerMs, () => listSchedules(client));
    return listed.map(({ source }) => source);
  } finally {
    await client.connection.close();
  }
}
