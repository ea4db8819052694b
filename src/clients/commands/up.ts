// tributary up: everything a sync needs, started and left running.
import type { Stack } from '../../local/stack.js';
import { assertRecent } from '../../store/durability.js';
import { addressesOf, addressLines } from '../stack/addresses.js';
import { exitCodes } from '../failure-report.js';
import { homeItem, homeLines } from '../stack/home-lines.js';
import { warnOfUnknown } from '../stack/unknown-settings.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function upCommand(command: Command): Promise<number> {
  const { terminal } = command;
  warnOfUnknown(terminal);
  const stack = await openStack(command);
  if (stack.managed === 'none') await checkServers(command, stack);
  const state = stack.managed === 'none' ? 'external' : 'ready';
  terminal.item({ stack: state, ...addressesOf(stack), ...homeItem(command.config) });
  terminal.hint(
    stack.managed === 'none'
      ? 'Temporal and Postgres are your own; a worker is started with `tributary worker`'
      : `running in ${command.config.home}; \`tributary down\` stops it`,
  );
  for (const line of [...homeLines(command.config), ...addressLines(stack)]) terminal.say(line);
  return exitCodes.fine;
}

/** Nothing is started, so nothing else would notice that they do not answer. */
async function checkServers({ config }: Command, stack: Stack): Promise<void> {
  const { connectTemporal } = await import('../stack/connect.js');
  await withDatabase(stack.databaseUrl, assertRecent);
  const client = await connectTemporal(config, stack);
  await client.connection.close();
}
