// tributary sources set: settings and options of a source, checked by its own schema before anything is stored.
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { changesOf } from '../../domain/source-revision.js';
import { chosenStages } from '../../domain/sync-input.js';
import { installed } from '../../extensions/installed.js';
import { reviseSource } from '../../store/revise-source.js';
import { changedText, whenText } from '../sources/changed-text.js';
import { exitCodes } from '../failure-report.js';
import { ownStages } from '../sources/own-stages.js';
import { revisedAs, revisionOfWords } from '../sources/setting-words.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function setCommand(
  command: Command,
  id: string,
  words: readonly string[],
  unset: readonly string[],
): Promise<number> {
  const source = parseInput(sourceIdSchema, id, 'id');
  const revision = revisionOfWords(words, unset);
  const { terminal, config } = command;
  const { registry, modules } = await installed(config);
  const { databaseUrl } = await openStack(command);
  const { before, after } = await withDatabase(databaseUrl, async (pool) => {
    const { stages } = revision.settings;
    if (stages !== undefined) chosenStages({ stages }, await ownStages(pool, config, modules));
    return reviseSource(pool, source, revisedAs(registry, revision));
  });
  const changed = changesOf(before, after, revision);
  terminal.item({ outcome: 'set', source, changed });
  if (Object.keys(changed).length === 0) terminal.say(`${source}: nothing changed, it is set so already`);
  else terminal.say(`${source}: ${changedText(changed)}; where a run is at work, ${whenText(changed)}`);
  return exitCodes.fine;
}
