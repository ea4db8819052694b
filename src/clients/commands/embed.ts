// tributary embed: vectors for the events that have none: stored before there was an endpoint, while it failed, or under
// another model. Events are not changed; a vector is found by the hash of its text.
import { embedFieldsOf } from '../../domain/catalogue.js';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { installed } from '../../extensions/installed.js';
import { resolveSecret } from '../../secrets.js';
import { fillEmbeddings } from '../../stages/embedding/fill-embeddings.js';
import { exitCodes } from '../failure-report.js';
import { countEventsToEmbed } from '../../store/embedding-inputs.js';
import { amount, counted } from '../terminal/figures.js';
import { shareLine } from '../terminal/share-line.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function embedCommand(command: Command, source: string | undefined): Promise<number> {
  const { config, terminal } = command;
  const id = source === undefined ? null : parseInput(sourceIdSchema, source, 'source');
  const { embed, proxy } = config;
  if (embed === undefined)
    throw new InvalidInput(
      'environment',
      'TRIBUTARY_EMBED_URL and TRIBUTARY_EMBED_MODEL are not set; they say who makes the vectors',
    );
  const key = async () => (embed.key === undefined ? undefined : resolveSecret(embed.key));
  const { registry } = await installed(config);
  const fields = { ...embedFieldsOf(registry.catalogue), ...embed.fields };
  const { databaseUrl } = await openStack(command);
  const figures = await withDatabase(databaseUrl, async (pool) => {
    const line = shareLine(terminal, 'event', await countEventsToEmbed(pool, id));
    const filled = fillEmbeddings(pool, { ...embed, fields, proxy, key }, id, ({ events }) => line.show(events));
    return filled.finally(() => line.end());
  });
  const { problem, ...counts } = figures;
  terminal.item({ source: id, ...counts, problem });
  terminal.say(
    `${amount(counts.events, 'event')}, ${amount(counts.texts, 'text')}: ${counted(counts.known)} had a vector, ${counted(counts.embedded)} have one now, ${counted(counts.failed)} have none`,
  );
  if (problem !== null) terminal.note(`needs attention: ${problem}`);
  return problem === null ? exitCodes.fine : exitCodes.attention;
}
