// tributary down: stops the stack of this home. What is stored stays, and a running sync goes on at the next start.
import { stopStack } from '../../local/stack.js';
import { exitCodes } from '../failure-report.js';
import type { Command } from '../stack/stack-access.js';

export async function downCommand({ config, terminal }: Command): Promise<number> {
  const stopped = await stopStack(config);
  terminal.item({ stack: 'stopped', stopped });
  terminal.say(
    stopped ? `stopped; everything stored is kept in ${config.home}` : `nothing of ${config.home} was running`,
  );
  return exitCodes.fine;
}
