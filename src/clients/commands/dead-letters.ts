// tributary dead-letters list and show: what did not get through, and everything that is kept of it.
import { InvalidInput } from '../../domain/errors.js';
import { letterName, parseLetterKey, type LetterKey } from '../../domain/letter-key.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { Pool } from '../../store/pool.js';
import {
  findDeadLetter,
  listDeadLetters,
  type DeadLetter,
  type LetterFilter,
  type LetterRow,
  type LetterState,
} from '../../store/reading/search-dead-letters.js';
import { exitCodes } from '../failure-report.js';
import { knownSource } from '../sources/known-source.js';
import { eventOf, letterLines } from '../letters/letter-lines.js';
import { letterStates } from '../letters/letter-states.js';
import { keyAfter, wholeNumber } from '../../queries/option-values.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { pasteable } from '../terminal/own-command.js';
import { shortTime, timeStops } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';
import { sentenceLines } from '../terminal/text-width.js';
import { drained, printable, written, type Terminal } from '../terminal/terminal.js';

/** Rows in memory at once. */
const pageRows = 200;
/** More of an error is for `show`. */
const errorShownMax = 100;

export async function listCommand(
  command: Command,
  source: string | undefined,
  options: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  const filter = filterOf(source, options);
  const limit = wholeNumber('limit', options['limit'], 1, 1_000_000_000)!;
  const after = keyAfter(options['after']);
  const { databaseUrl } = await openStack(command);
  return withDatabase(databaseUrl, async (pool) => {
    const last = await listAll(pool, filter, limit, after, command.terminal);
    if (last === undefined) await tellNone(pool, filter, command.terminal);
    else for (const line of sentenceLines(whatToDo(last), command.terminal.columns)) command.terminal.say(line);
    return exitCodes.fine;
  });
}

function filterOf(
  source: string | undefined,
  { stage, code, state }: Readonly<Record<string, string | undefined>>,
): LetterFilter {
  if (state !== undefined && !letterStates.some((one) => one === state))
    throw new InvalidInput(
      'state',
      `found ${JSON.stringify(state.slice(0, 40))}, expected one of ${letterStates.join(', ')}`,
    );
  return {
    source: source === undefined ? undefined : parseInput(sourceIdSchema, source, 'source'),
    stage,
    code,
    state: state === 'all' ? undefined : (state as LetterState | undefined),
  };
}

/** The last one shown. */
async function listAll(
  pool: Pool,
  filter: LetterFilter,
  limit: number,
  after: LetterKey | undefined,
  terminal: Terminal,
): Promise<LetterRow | undefined> {
  let last: LetterRow | undefined;
  for (let shown = 0; shown < limit;) {
    const letters: LetterRow[] = await listDeadLetters(pool, filter, Math.min(pageRows, limit - shown), last ?? after);
    show(letters, terminal, { continued: shown > 0, states: filter.state === undefined });
    await drained();
    shown += letters.length;
    last = letters.at(-1) ?? last;
    if (letters.length < pageRows && shown < limit) return last;
  }
  const [more] = await listDeadLetters(pool, filter, 1, last);
  if (more !== undefined) terminal.say(`there are more: --after ${letterName(last!)}`);
  return last;
}

async function tellNone(pool: Pool, { source, stage, code, state }: LetterFilter, terminal: Terminal): Promise<void> {
  if (source !== undefined) await knownSource(pool, source, 'source');
  const matching = stage === undefined && code === undefined ? '' : ' that match';
  terminal.say(
    `no ${state === undefined ? '' : `${state} `}dead letters${source === undefined ? '' : ` of ${source}`}${matching}`,
  );
}

/** The key is what the other commands take, so it is never cut. */
const columns: readonly Column[] = [
  { name: 'key', rank: 1 },
  { name: 'stage', rank: 4 },
  { name: 'code', rank: 3 },
  { name: 'died (UTC)', short: 'died', rank: 6, least: 10, stops: timeStops, cut: shortTime },
  { name: 'deaths', rank: 7 },
  { name: 'state', rank: 5 },
  { name: 'error', rank: 2, least: 16 },
];

/** Names the last that was listed: a `<key>` cannot be pasted into a shell. */
function whatToDo(last: LetterKey): string {
  return pasteable(
    `\`tributary dead-letters show ${letterName(last)}\` tells all of one; redrive brings back, discard puts aside`,
  );
}

interface Shown {
  /** The header is above already. */
  readonly continued: boolean;
  /** They are of several states. */
  readonly states: boolean;
}

function show(letters: readonly LetterRow[], terminal: Terminal, { continued, states: mixed }: Shown): void {
  for (const { deadAt, ...letter } of letters) terminal.item({ key: letterName(letter), ...letter, deadAt });
  if (letters.length === 0) return;
  const rows = letters.map((letter) => {
    const { stage, code, deadAt, deaths, state, error } = letter;
    const died = deadAt.toISOString().slice(0, 19).replace('T', ' ');
    return [letterName(letter), stage, code, died, deaths, ...(mixed ? [state] : []), printable(error, errorShownMax)];
  });
  const shown = columns.filter(({ name }) => mixed || name !== 'state');
  for (const line of table(shown, rows, terminal.columns).slice(continued ? 1 : 0)) terminal.say(line);
}

export async function showCommand(command: Command, text: string, raw: boolean): Promise<number> {
  const key = parseLetterKey(text, 'key');
  const { terminal } = command;
  if (raw && terminal.json)
    throw new InvalidInput('raw', 'is given beside --json, which has the bytes in base64; expected one of them');
  const { databaseUrl } = await openStack(command);
  const letter = await withDatabase(databaseUrl, (pool) => findDeadLetter(pool, key));
  if (letter === undefined)
    throw new InvalidInput(
      'key',
      `no dead letter ${letterName(key)} is known; \`tributary dead-letters list\` shows them`,
    );
  if (raw) await written(letter.raw ?? new Uint8Array());
  else tell(letter, terminal);
  return exitCodes.fine;
}

function tell(letter: DeadLetter, terminal: Terminal): void {
  const { raw, earlierLetter, laterLetter, source } = letter;
  terminal.item({
    key: letterName(letter),
    ...letter,
    event: eventOf(letter),
    raw: raw === null ? null : Buffer.from(raw).toString('base64'),
    earlierLetter: earlierLetter === null ? null : `${source}@${earlierLetter}`,
    laterLetter: laterLetter === null ? null : `${source}@${laterLetter}`,
  });
  for (const line of letterLines(letter, terminal)) terminal.say(line);
}
