// tributary up: everything a sync needs, started and left running.
import { addressesOf, addressLines } from '../stack/addresses.js';
import { exitCodes } from '../failure-report.js';
import { warnOfUnknown } from '../stack/unknown-settings.js';
import { openStack, type Command } from '../stack/stack-access.js';

export async function upCommand(command: Command): Promise<number> {
  const { terminal } = command;
  warnOfUnknown(terminal);
  const stack = await openStack(command);
  terminal.item({ stack: stack.managed === 'none' ? 'external' : 'ready', ...addressesOf(stack) });
  terminal.say(
    stack.managed === 'none'
      ? 'Temporal and Postgres are your own; a worker is started with `tributary worker`'
      : `running in ${command.config.home}; \`tributary down\` stops it`,
  );
  for (const line of addressLines(stack)) terminal.say(line);
  return exitCodes.fine;
}
