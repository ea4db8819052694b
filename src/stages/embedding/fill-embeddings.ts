// Vectors for events that are stored already, a few hundred at a time. May be stopped at any moment and begun again: what is
// made is kept, and what is known is not made.
import { embeddingText } from '../../domain/embedding-text.js';
import {
  insertEmbeddingInputs,
  listEventsToEmbed,
  type EventPlace,
  type EventToEmbed,
} from '../../store/embedding-inputs.js';
import type { Pool } from '../../store/pool.js';
import { createEmbeddingMaker, inputOf, type EmbedOptions, type EmbeddingMaker } from './embedding-maker.js';

export interface FillFigures {
  readonly events: number;
  readonly texts: number;
  readonly known: number;
  readonly embedded: number;
  readonly failed: number;
  /** The first reason why a text has no vector. */
  readonly problem: string | null;
}

/** Events in memory at once: each may have megabytes. */
const batchEvents = 500;

/**
 * `source` null: all of them. Ends early when the endpoint gives nothing for a whole batch. `told` gets the figures so far
 * after each batch.
 */
export async function fillEmbeddings(
  pool: Pool,
  options: EmbedOptions,
  source: string | null,
  told: (figures: FillFigures) => void = () => undefined,
): Promise<FillFigures> {
  const fields = options.fields ?? {};
  const maker = createEmbeddingMaker(pool, options);
  let figures: FillFigures = { events: 0, texts: 0, known: 0, embedded: 0, failed: 0, problem: null };
  for (let last: EventPlace | undefined; ;) {
    const events = await listEventsToEmbed(pool, source, last, batchEvents);
    last = events.at(-1);
    if (last === undefined) return figures;
    const found = events.map((event) => ({ event, text: embeddingText(event, fields) }));
    const batch = await fillBatch(pool, maker, found.filter(hasText));
    figures = added(figures, { events: events.length, ...batch });
    told(figures);
    if (batch.failed > 0 && batch.known + batch.embedded === 0) return figures;
  }
}

interface Found {
  readonly event: EventToEmbed;
  readonly text: string;
}

function hasText(found: { event: EventToEmbed; text: string | null }): found is Found {
  return found.text !== null;
}

async function fillBatch(
  pool: Pool,
  maker: EmbeddingMaker,
  found: readonly Found[],
): Promise<Omit<FillFigures, 'events'>> {
  const inputs = found.map(({ event, text }) => ({ event, ...inputOf(text) }));
  const { texts, known, failed } = await maker.make(inputs, new AbortController().signal);
  // The event's own enrichment speaks of another text, or of none.
  const unsaid = inputs.filter(({ event, input }) => event.input !== input && !failed.has(input));
  await insertEmbeddingInputs(
    pool,
    unsaid.map(({ event: { ingestedAt, source, id }, input }) => ({ ingestedAt, source, id, input })),
  );
  const [problem = null] = failed.values();
  return { texts, known, embedded: texts - known - failed.size, failed: failed.size, problem };
}

/** A text that stands in two batches is counted in both. */
function added(sum: FillFigures, more: FillFigures): FillFigures {
  return {
    events: sum.events + more.events,
    texts: sum.texts + more.texts,
    known: sum.known + more.known,
    embedded: sum.embedded + more.embedded,
    failed: sum.failed + more.failed,
    problem: sum.problem ?? more.problem,
  };
}
