// tributary deferred list: what waits to come back, since when and why.
import { letterName } from '../../domain/letter-key.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { listDeferred, type WaitingRow } from '../../store/reading/search-deferred.js';
import { exitCodes } from '../failure-report.js';
import { knownSource } from '../sources/known-source.js';
import { keyAfter, wholeNumber } from '../../queries/option-values.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { amount } from '../terminal/figures.js';
import { table, type Column } from '../terminal/table.js';
import { printable, type Terminal } from '../terminal/terminal.js';

/** One statement, one answer: more is asked for with --after. */
const limitMax = 10_000;
const errorShownMax = 100;

export async function deferredCommand(
  command: Command,
  id: string | undefined,
  options: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const source = id === undefined ? null : parseInput(sourceIdSchema, id, 'source');
  const limit = wholeNumber('limit', options['limit'], 1, limitMax)!;
  const after = keyAfter(options['after']);
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  await withDatabase(databaseUrl, async (pool) => {
    const rows = await listDeferred(pool, source, limit, after);
    if (rows.length === 0 && source !== null) await knownSource(pool, source, 'source');
    show(rows, limit, terminal);
  });
  return exitCodes.fine;
}

const columns: readonly Column[] = [
  { name: 'key', rank: 1 },
  { name: 'stage', rank: 4 },
  { name: 'why', rank: 5 },
  { name: 'due', rank: 3 },
  { name: 'error', rank: 2, least: 16 },
];

function show(rows: readonly WaitingRow[], limit: number, terminal: Terminal): void {
  for (const row of rows) terminal.item({ key: letterName(row), ...row });
  if (rows.length === 0) return terminal.say('nothing waits');
  const cells = rows.map((row) => {
    const { stage, attempts, nextAt, error } = row;
    const due =
      nextAt.getTime() <= Date.now()
        ? 'with the next sync'
        : `${nextAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
    return [
      letterName(row),
      stage,
      attempts === 0 ? 'redriven' : `deferred ${amount(attempts, 'time')}`,
      due,
      printable(error ?? '', errorShownMax),
    ];
  });
  for (const line of table(columns, cells, terminal.columns)) terminal.say(line);
  if (rows.length === limit) terminal.say(`there may be more: --after ${letterName(rows.at(-1)!)}`);
}
