// tributary config plan: what would change so that there is what tributary.yaml says.
import type { Client } from '@temporalio/client';
import { placedFile } from '../../config-file/config-file.js';
import { InvalidInput } from '../../domain/errors.js';
import { chosenStages } from '../../domain/sync-input.js';
import { installed } from '../../extensions/installed.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { Pool } from '../../store/pool.js';
import { applyWords, changeColumns, changeItem, changeRow, type PlanWords } from '../config/change-text.js';
import { findSources } from '../config/found.js';
import { planOf, type Plan } from '../config/plan.js';
import { wantedSources, within } from '../config/wanted.js';
import { exitCodes } from '../failure-report.js';
import { ownStages } from '../sources/own-stages.js';
import { connectTemporal } from '../stack/connect.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { checkWorkers } from '../stack/worker-check.js';
import { amount } from '../terminal/figures.js';
import { table } from '../terminal/table.js';

export interface PlanPlace {
  readonly client: Client;
  readonly pool: Pool;
  readonly registry: SourceRegistry;
  readonly path: string;
}

export async function planCommand(command: Command, words: PlanWords): Promise<number> {
  return withPlan(command, words, async ({ changes, notes }, { path }) => {
    const { terminal } = command;
    for (const change of changes) terminal.item(changeItem(change));
    terminal.item({ outcome: 'planned', changes: changes.length });
    for (const note of notes) terminal.note(note);
    if (changes.length === 0) terminal.say(`nothing to do: there is what ${path} says`);
    else {
      for (const line of table(changeColumns, changes.map(changeRow), terminal.columns)) terminal.say(line);
      terminal.hint(
        `${amount(changes.length, 'change')}; \`tributary config apply${applyWords(words)}\` makes ${changes.length === 1 ? 'it' : 'them'}`,
      );
    }
    return exitCodes.fine;
  });
}

/** Throws InvalidInput that names file, line, column and field, before a server is asked wherever that is possible. */
export async function withPlan(
  command: Command,
  { prune = false }: { readonly prune?: boolean },
  work: (plan: Plan, place: PlanPlace) => Promise<number>,
): Promise<number> {
  const { config } = command;
  const { file } = config;
  if (file === undefined)
    throw new InvalidInput(
      'file',
      'no tributary.yaml is here or above; expected --file <path>; `tributary config dump` prints one of what there is',
    );
  const placed = placedFile(file, file.profile);
  const { registry, modules } = await installed(config);
  const wanted = wantedSources(placed, registry, new Date());
  const stack = await openStack(command);
  const client = await connectTemporal(config, stack);
  try {
    return await withDatabase(stack.databaseUrl, async (pool) => {
      await checkWorkers(pool, command, modules);
      const place = { client, pool, registry, path: file.path };
      if (wanted === undefined)
        return await work({ changes: [], notes: [`${file.path} says nothing of sources`] }, place);
      const own = await ownStages(pool, config, modules);
      const of = <T>(id: string, what: () => T): T => within(placed, ['sources', id], what);
      for (const { id, settings } of wanted)
        of(id, () => within(placed, ['sources', id, 'settings'], () => chosenStages(settings, own)));
      const found = await findSources(
        client,
        pool,
        wanted.map(({ id }) => id),
      );
      return await work(planOf({ wanted, found, registry, prune, of }), place);
    });
  } finally {
    await client.connection.close();
  }
}
