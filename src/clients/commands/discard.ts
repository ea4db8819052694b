// tributary dead-letters discard: a person's decision, kept beside the letter with who, when and why.
import { exitCodes } from '../failure-report.js';
import { decide, letterChoice, type LetterWords } from '../letters/letter-choice.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function discardCommand(command: Command, words: LetterWords): Promise<number> {
  const choice = letterChoice(words);
  const { terminal } = command;
  const { databaseUrl } = await openStack(command);
  const { letters } = await withDatabase(databaseUrl, (pool) => decide(pool, choice, 'discarded', terminal));
  terminal.hint(
    letters === 0
      ? 'nothing to discard: no open dead letter matches'
      : 'they are kept: `tributary dead-letters list --state discarded` shows them, redriving one by its key brings it back',
  );
  return exitCodes.fine;
}
