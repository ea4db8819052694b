// Which dead letters a person means, by keys or by filters, and what became of the decision.
import { InvalidInput } from '../../domain/errors.js';
import { letterName, parseLetterKey, type LetterKey } from '../../domain/letter-key.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { limits } from '../../limits.js';
import { decideLetters, type Decision } from '../../store/decide-letters.js';
import type { Pool } from '../../store/pool.js';
import {
  countLetters,
  findDeadLetters,
  listLetterSources,
  type LetterFilter,
  type LetterRow,
} from '../../store/reading/search-dead-letters.js';
import { knownSource } from '../sources/known-source.js';
import { amount } from '../terminal/figures.js';
import { shareLine } from '../terminal/share-line.js';
import type { Terminal } from '../terminal/terminal.js';
import { userName } from '../user-name.js';

export interface LetterWords {
  readonly keys: readonly string[];
  readonly source?: string | undefined;
  readonly stage?: string | undefined;
  readonly code?: string | undefined;
  readonly all?: boolean;
  readonly yes?: boolean;
  readonly reason?: string | undefined;
}

export interface LetterChoice {
  /** Undefined: by the filter. */
  readonly keys: readonly LetterKey[] | undefined;
  readonly filter: LetterFilter;
  readonly reason: string | null;
}

/** Throws InvalidInput that names the field. */
export function letterChoice({
  keys,
  source,
  stage,
  code,
  all = false,
  yes = false,
  reason,
}: LetterWords): LetterChoice {
  const filtered = source !== undefined || stage !== undefined || code !== undefined || all;
  if (keys.length > 0 && filtered)
    throw new InvalidInput('keys', 'are given beside a filter; expected one or the other');
  if (keys.length === 0 && !filtered)
    throw new InvalidInput('keys', 'are missing; expected keys like acme/api@3.7.12, or --source, or --all');
  if (keys.length > limits.letterKeysMax)
    throw new InvalidInput(
      'keys',
      `found ${keys.length}, expected at most ${limits.letterKeysMax}; filters take any number`,
    );
  if (all && source !== undefined) throw new InvalidInput('all', 'is given beside --source; expected one of them');
  if (filtered && !all && source === undefined)
    throw new InvalidInput('source', 'is missing; expected --source beside --stage or --code, or --all');
  if (all && !yes) throw new InvalidInput('all', 'means every source; expected --yes beside it');
  const named = new Map(keys.map((key, at) => [key, parseLetterKey(key, `keys.${at}`)]));
  return {
    keys: keys.length === 0 ? undefined : [...named.values()],
    filter: { source: source === undefined ? undefined : parseInput(sourceIdSchema, source, 'source'), stage, code },
    reason: reasonOf(reason),
  };
}

function reasonOf(reason: string | undefined): string | null {
  if (reason === undefined) return null;
  const text = reason.trim();
  if (text === '' || text.length > limits.reasonCharsMax)
    throw new InvalidInput('reason', `has ${text.length} characters, expected 1 to ${limits.reasonCharsMax}`);
  return text;
}

export interface Decided {
  /** Sources that were looked at; null: all. */
  readonly sources: readonly string[] | null;
  readonly letters: number;
}

/** Decides, and says for how many and for which not. Throws InvalidInput for a key there is none of, before anything is done. */
export async function decide(
  pool: Pool,
  { keys, filter, reason }: LetterChoice,
  decision: Decision,
  terminal: Terminal,
): Promise<Decided> {
  const found = keys === undefined ? undefined : await findAll(pool, keys);
  const sources =
    found === undefined ? await listLetterSources(pool, filter) : [...new Set(found.map(({ source }) => source))];
  if (found === undefined && sources.length === 0 && filter.source !== undefined)
    await knownSource(pool, filter.source, 'source');
  const line = shareLine(terminal, 'dead letter', keys?.length ?? (await countLetters(pool, filter)), decision);
  let letters = 0;
  for (const source of sources) {
    const own = keys?.filter((key) => key.source === source);
    const order = { ...filter, source, keys: own, decision, by: userName(), reason };
    const before = letters;
    letters += await decideLetters(pool, order, undefined, (decided) => line.show(before + decided)).finally(() =>
      line.end(),
    );
    const decided = letters - before;
    terminal.item({ source, [decision]: decided });
    if (decided > 0) terminal.say(`${source}: ${amount(decided, 'dead letter')} ${decision}`);
  }
  if (sources.length === 0) terminal.item({ [decision]: 0 });
  if (found !== undefined) await tellUntouched(pool, found, decision, terminal);
  if (found !== undefined) return { sources, letters };
  return { sources: filter.source === undefined ? null : [filter.source], letters };
}

async function findAll(pool: Pool, keys: readonly LetterKey[]): Promise<LetterRow[]> {
  const found = await findDeadLetters(pool, keys);
  const known = new Set(found.map(letterName));
  const unknown = keys.map(letterName).find((name) => !known.has(name));
  if (unknown !== undefined)
    throw new InvalidInput('keys', `no dead letter ${unknown} is known; \`tributary dead-letters list\` shows them`);
  return found;
}

async function tellUntouched(
  pool: Pool,
  before: readonly LetterRow[],
  decision: Decision,
  terminal: Terminal,
): Promise<void> {
  for (const { state, ...key } of before)
    if (state === 'redriven' || state === decision) terminal.say(`${letterName(key)} was ${state} before`);
  for (const { state, ...key } of await findDeadLetters(pool, before)) {
    if (state !== 'redriven' && state !== decision)
      terminal.say(
        `${letterName(key)} keeps too little to come back; \`tributary dead-letters show\` has what there is`,
      );
  }
}
