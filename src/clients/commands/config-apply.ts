// tributary config apply: makes what tributary.yaml says, as far as it is not there.
import { createInterface } from 'node:readline/promises';
import { InvalidInput } from '../../domain/errors.js';
import { applyChanges, type Applied } from '../config/apply.js';
import { applyWords, changeColumns, changeItem, changeRow, type PlanWords } from '../config/change-text.js';
import type { Change, Plan } from '../config/plan.js';
import { exitCodes } from '../failure-report.js';
import { sayAtInterrupt } from '../interrupt.js';
import type { Command } from '../stack/stack-access.js';
import { amount } from '../terminal/figures.js';
import { table } from '../terminal/table.js';
import { withPlan, type PlanPlace } from './config-plan.js';

export interface ApplyWords extends PlanWords {
  readonly yes?: true;
}

export async function applyCommand(command: Command, words: ApplyWords): Promise<number> {
  return withPlan(command, words, (plan, place) => apply(command, words, plan, place));
}

async function apply(command: Command, words: ApplyWords, { changes, notes }: Plan, place: PlanPlace): Promise<number> {
  const { terminal, config } = command;
  for (const note of notes) terminal.note(note);
  if (changes.length === 0) {
    terminal.item({ outcome: 'nothing', changes: 0 });
    terminal.say(`nothing to do: there is what ${place.path} says`);
    return exitCodes.fine;
  }
  if (!(await agreed(command, words, changes))) return exitCodes.failed;
  const unsay = sayAtInterrupt(() =>
    terminal.note(`left in the middle; \`tributary config apply${applyWords(words)}\` does the rest`),
  );
  const { taskQueue } = config;
  const results = await applyChanges({ ...place, taskQueue, command }, changes).finally(unsay);
  return told(command, words, results);
}

/** Deleting is the one thing that another apply does not take back. */
async function agreed({ terminal }: Command, { yes }: ApplyWords, changes: readonly Change[]): Promise<boolean> {
  const removals = changes.filter((one) => one.change === 'remove');
  if (removals.length === 0 || yes === true) return true;
  if (terminal.json || !process.stdin.isTTY)
    throw new InvalidInput(
      'yes',
      'is missing, and sources would be removed with their events; where nobody can be asked, expected --yes',
    );
  const events = removals.reduce((sum, one) => sum + one.events, 0);
  const asked = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const what = `${amount(removals.length, 'source')} with ${amount(events, 'event')}: ${removals.map(({ source }) => source).join(', ')}`;
    return (await asked.question(`${what} are deleted for ever; type "prune" to go on: `)).trim() === 'prune';
  } finally {
    asked.close();
  }
}

/** The exit code of the first that failed, or that a person has to look at. */
function told({ terminal }: Command, words: ApplyWords, results: readonly Applied[]): number {
  const columns = [{ name: 'state', rank: 4 }, ...changeColumns];
  const rows = results.map(({ change, state }) => [state, ...changeRow(change)]);
  for (const line of table(columns, rows, terminal.columns)) terminal.say(line);
  for (const { change, state, problem } of results) {
    terminal.item({ outcome: state, ...changeItem(change), ...(problem === null ? {} : { problem }) });
    if (problem !== null && state !== 'skipped')
      terminal.note(`${state === 'failed' ? 'error' : 'needs attention'}: ${change.source}: ${problem}`);
  }
  const count = (wanted: Applied['state']): number => results.filter(({ state }) => state === wanted).length;
  const [done, failed, skipped] = [count('done'), count('failed'), count('skipped')];
  terminal.item({ outcome: 'applied', changes: results.length, done, failed, skipped });
  if (failed === 0) terminal.say(`${amount(done, 'change')} made`);
  else
    terminal.hint(
      `${done} of ${amount(results.length, 'change')} made, ${failed} failed, ${skipped} not tried; \`tributary config apply${applyWords(words)}\` does the rest`,
    );
  const first =
    results.find(({ state }) => state === 'failed') ?? results.find(({ exitCode }) => exitCode !== exitCodes.fine);
  return first?.exitCode ?? exitCodes.fine;
}
