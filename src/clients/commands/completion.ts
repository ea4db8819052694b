// tributary completion: the script for a shell, and the ids its script asks for.
import type { Command as Commander } from 'commander';
import { InvalidInput } from '../../domain/errors.js';
import { installed } from '../../extensions/installed.js';
import { limits } from '../../limits.js';
import { stackStatus } from '../../local/stack.js';
import { listSourceIds } from '../../store/sources.js';
import { completedCommands } from '../completion/completion-data.js';
import { completionScript, shells, type Shell } from '../completion/completion-script.js';
import { exitCodes } from '../failure-report.js';
import { withDatabase, type Command } from '../stack/stack-access.js';
import type { Terminal } from '../terminal/terminal.js';

export async function completionCommand(
  { config, terminal }: Command,
  program: Commander,
  shell: string,
): Promise<number> {
  if (shell === 'sources') {
    for (const source of await knownSources(config)) tell(terminal, { source }, source);
    return exitCodes.fine;
  }
  if (!shells.includes(shell as Shell))
    throw new InvalidInput(
      'shell',
      `found ${JSON.stringify(shell.slice(0, 40))}, expected one of ${shells.join(', ')}`,
    );
  const { registry } = await installed(config);
  const script = completionScript(shell as Shell, completedCommands(program, registry));
  tell(terminal, { shell, script }, script.trimEnd());
  return exitCodes.fine;
}

function tell(terminal: Terminal, value: object, text: string): void {
  terminal.item(value);
  terminal.say(text);
}

/** Nothing when nothing runs or answers: who presses Tab wants no error and no wait. */
async function knownSources(config: Command['config']): Promise<string[]> {
  try {
    const { stack } = await stackStatus(config);
    return stack === null
      ? []
      : await withDatabase(stack.databaseUrl, (pool) => listSourceIds(pool), limits.quickAnswerMs);
  } catch {
    return [];
  }
}
