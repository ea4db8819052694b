// tributary recent-hashes clear (requirement P2).
import { clearRecentHashes } from '../../store/recent-hash-clearings.js';
import { exitCodes } from '../failure-report.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function clearCommand(command: Command): Promise<number> {
  const { databaseUrl } = await openStack(command);
  const number = await withDatabase(databaseUrl, clearRecentHashes);
  command.terminal.item({ outcome: 'cleared', clearing: number });
  command.terminal.say('each worker forgets the hashes it remembers before its next page');
  return exitCodes.fine;
}
