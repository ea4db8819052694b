// tributary stats: figures of the last days, as tables, bars and small lines of days, or as one JSON line.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { countBySourceAndDay } from '../../store/reading/source-days.js';
import { listSourceStatus } from '../../store/reading/source-status.js';
import { statistics } from '../../store/reading/statistics.js';
import { exitCodes } from '../failure-report.js';
import { wholeNumber } from '../../queries/option-values.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { statisticsLines } from '../statistics/statistics-lines.js';

export async function statsCommand(command: Command, id: string | undefined, daysText: string): Promise<number> {
  const source = id === undefined ? undefined : parseInput(sourceIdSchema, id, 'source');
  const days = wholeNumber('days', daysText, 1, limits.statisticsDaysMax)!;
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const { found, sourceDays } = await withDatabase(databaseUrl, async (pool) => {
    if (source !== undefined && (await listSourceStatus(pool, source)).length === 0) {
      throw new InvalidInput('source', `no source ${source} is known; \`tributary status\` lists them`);
    }
    return {
      found: await statistics(pool, { source, days }),
      sourceDays: await countBySourceAndDay(pool, { source, days }),
    };
  });
  terminal.item({ ...(source === undefined ? {} : { source }), ...found });
  for (const line of statisticsLines(found, sourceDays, terminal)) terminal.say(line);
  return exitCodes.fine;
}
