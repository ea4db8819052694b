// embed: a vector for the text of each event (requirement P5). What was embedded once is found again by the hash of its
// text, and is in the store before the page goes on; so no text is sent twice, not by another source, nor after a crash.
// An event whose text got no vector is stored without it, and says why.
import { embeddingText, type EmbedFields } from '../domain/embedding-text.js';
import type { HashedEvent } from '../domain/event.js';
import type { Batch, Stage } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';
import { limits } from '../limits.js';
import type { Pool } from '../store/pool.js';
import {
  createEmbeddingMaker,
  inputOf,
  type EmbedOptions,
  type Failures,
  type Input,
} from './embedding/embedding-maker.js';

export function createEmbed(pool: Pool, options: EmbedOptions): Stage {
  const fields = options.fields ?? {};
  const maker = createEmbeddingMaker(pool, options);
  return {
    name: 'embed',
    kind: 'recorded',
    async run(batch, { cancelled = new AbortController().signal }) {
      const inputs = await inputsOf(batch.events, fields);
      const { texts, known, failed } = await maker.make(inputs.values(), cancelled);
      const counted = { texts, known, embedded: texts - known - failed.size, failed: failed.size };
      return { ...batch, enrichment: noted(batch, maker.model, inputs, failed), counted };
    },
  };
}

/** By ordinal, of the events that have a text. */
async function inputsOf(events: readonly HashedEvent[], fields: EmbedFields): Promise<Map<number, Input>> {
  const inputs = new Map<number, Input>();
  await inTurns(events, (event) => {
    const text = embeddingText(event, fields);
    if (text !== null) inputs.set(event.ordinal, inputOf(text));
  });
  return inputs;
}

function noted(
  { enrichment }: Batch,
  model: string,
  inputs: ReadonlyMap<number, Input>,
  failed: Failures,
): ReadonlyMap<number, string> {
  const after = new Map(enrichment);
  for (const [ordinal, { input }] of inputs) {
    const error = failed.get(input)?.slice(0, limits.enrichErrorCharsMax);
    const member = `{"embedding":${JSON.stringify({ error, input, model })}`;
    const before = enrichment.get(ordinal);
    after.set(ordinal, before === undefined ? `${member}}` : `${member},${before.slice(1)}`);
  }
  return after;
}
