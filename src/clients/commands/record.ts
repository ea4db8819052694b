// tributary record: events of a program from standard input, committed as they come.
import { exitCodes } from '../../domain/exit-codes.js';
import { noCounts } from '../../domain/page.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { RawRecord, Source } from '../../domain/source.js';
import type { Answer } from '../../door/door.js';
import { installed } from '../../extensions/installed.js';
import { program } from '../../sources/program/index.js';
import { failureReport } from '../failure-report.js';
import { exitCodeUnlessLeft, onInterrupt } from '../interrupt.js';
import { openOwnDoor } from '../record/open-door.js';
import { patiently } from '../record/patience.js';
import type { linesOf } from '../record/lines.js';
import { recordedFigures } from '../record/recorded-figures.js';
import { recordLines, type RecordedLines, type RefusedLine } from '../record/record-lines.js';
import { openStack, type Command } from '../stack/stack-access.js';
import { amount, counted, duration } from '../terminal/figures.js';
import { screenOf } from '../terminal/screen.js';
import { drained, printable, type Terminal } from '../terminal/terminal.js';

export interface RecordWords {
  readonly versions?: string;
}

/** One call of the door. */
type Take = (records: readonly RawRecord[]) => Promise<Answer>;

export async function recordCommand(command: Command, id: string, { versions }: RecordWords): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const options = versions === undefined ? undefined : parseInput(program.options, { versions });
  const found = await installed(command.config);
  const stack = await openStack(command);
  const door = await openOwnDoor(command.config, stack.databaseUrl, found);
  const named = { source: program as Source, id: source, options };
  try {
    // Refused for what it is before anything is read.
    await door.take(named, []);
    return await recordInput(command.terminal, source, (records) => door.take(named, records));
  } finally {
    await door.close();
  }
}

/** `linesIn`: what the input is made of, where its lines are no records. */
export async function recordInput(
  terminal: Terminal,
  source: string,
  take: Take,
  linesIn?: typeof linesOf,
): Promise<number> {
  const [leave, start, screen] = [onInterrupt(), performance.now(), screenOf(terminal)];
  const sofar: { recorded: RecordedLines } = { recorded: { counts: noCounts, refused: 0 } };
  const again = (error: unknown): void => {
    screen.end();
    terminal.note(`${failureReport(error).line}; tried again`);
  };
  if (process.stdin.isTTY) terminal.note('reads standard input; Ctrl-D ends');
  try {
    await recordLines(
      {
        input: process.stdin,
        linesIn,
        take: (records) => patiently(() => take(records), again, leave),
        onRefused: refusedTeller(terminal, () => screen.end()),
        onProgress: ({ counts }) =>
          screen.show(() => `${source}: ${counted(counts.inserted)} inserted, ${counted(counts.fetched)} in all`),
        leave,
      },
      sofar,
    );
  } catch (error) {
    screen.end();
    terminal.note(
      `${amount(sofar.recorded.counts.fetched, 'event')} of ${source} are stored; give the same input again: none is stored twice`,
    );
    throw error;
  }
  screen.end();
  return summed(terminal, source, sofar.recorded, Math.round(performance.now() - start), leave.aborted);
}

/** Refused lines that a person is shown; an input of another kind has millions. */
const shownRefusedMax = 20;

function refusedTeller(terminal: Terminal, before: () => void) {
  let told = 0;
  return async ({ line, code, reason }: RefusedLine): Promise<void> => {
    told += 1;
    terminal.item({ outcome: 'refused', line, code, reason });
    await drained();
    if (terminal.json || told > shownRefusedMax) return;
    before();
    terminal.note(`line ${line} is refused: ${printable(reason)}`);
    if (told === shownRefusedMax) terminal.note('further refused lines are counted; --json lists all');
  };
}

function summed(
  terminal: Terminal,
  source: string,
  { counts, refused }: RecordedLines,
  ms: number,
  left: boolean,
): number {
  const result = {
    outcome: left ? 'interrupted' : refused > 0 ? 'done_with_problems' : 'done',
    source,
    ...recordedFigures(counts, refused),
    processing_time_ms: ms,
  };
  terminal.item(result);
  const { outcome, source: _, processing_time_ms: __, ...figures } = result;
  terminal.say(`${terminal.style.bold(source)}: ${outcome.replaceAll('_', ' ')} in ${duration(ms)}`);
  for (const [name, figure] of Object.entries(figures)) terminal.say(`  ${name.padEnd(20)} ${counted(figure)}`);
  return exitCodeUnlessLeft(refused > 0 ? exitCodes.attention : exitCodes.fine);
}
