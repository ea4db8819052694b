// Vectors for texts: those the store has are not made again, those that another page of this worker is asking for are
// awaited, and the rest are made in batches and stored as they come. What cannot be made says why.
import { createHash } from 'node:crypto';
import type { EmbedFields } from '../../domain/embedding-text.js';
import { limits } from '../../limits.js';
import { ensureModel, findEmbeddedInputs, insertEmbeddings, type Embedding } from '../../store/embeddings.js';
import type { Pool } from '../../store/pool.js';
import { isVector, type Vector } from './embedding-answer.js';
import { createEmbeddingEndpoint, type EmbeddingEndpointOptions } from './embedding-endpoint.js';
import { createPatientEmbedder, type Patience, type PatientEmbedder } from './patient-embedder.js';
import { createSlots, type Slots } from '../own/slots.js';

export interface EmbedOptions extends EmbeddingEndpointOptions {
  /** Laid over the default ones. */
  readonly fields: EmbedFields;
  /** For tests, which cannot wait as long. */
  readonly patience?: Partial<Patience>;
}

export interface Input {
  /** sha256 of the text, hex. */
  readonly input: string;
  readonly text: string;
}

export function inputOf(text: string): Input {
  return { input: createHash('sha256').update(text).digest('hex'), text };
}

/** Why there is no vector, by input. */
export type Failures = ReadonlyMap<string, string>;

export interface Made {
  readonly texts: number;
  /** Had a vector before. */
  readonly known: number;
  readonly failed: Failures;
}

export interface EmbeddingMaker {
  /** As the store knows it. */
  readonly model: string;
  /** Throws only when `cancelled`, or when the store is away. */
  make(inputs: Iterable<Input>, cancelled: AbortSignal): Promise<Made>;
}

export function createEmbeddingMaker(pool: Pool, options: EmbedOptions): EmbeddingMaker {
  // Shortened vectors are another model's: they cannot be compared with whole ones.
  const model = options.dimensions === undefined ? options.model : `${options.model}@${options.dimensions}`;
  const embedder = createPatientEmbedder(createEmbeddingEndpoint(options), options.patience);
  const making: Making = { pool, model, embedder, slots: createSlots(limits.embedCallsMax), underway: new Map() };
  return {
    model,
    async make(inputs, cancelled) {
      const distinct = [...new Map([...inputs].map((one) => [one.input, one])).values()];
      return { texts: distinct.length, ...(await embedUnknown(making, distinct, cancelled)) };
    },
  };
}

interface Making {
  readonly pool: Pool;
  readonly model: string;
  readonly embedder: PatientEmbedder;
  readonly slots: Slots;
  /** Inputs that other pages of this worker are asking for: what came of them is awaited, not asked for twice. */
  readonly underway: Map<string, Promise<Failures>>;
}

async function embedUnknown(
  making: Making,
  inputs: readonly Input[],
  cancelled: AbortSignal,
): Promise<Omit<Made, 'texts'>> {
  const { pool, model } = making;
  // Noted before the look-up: what is under way now may be stored, and no longer under way, just after it.
  const underway = new Map(inputs.map(({ input }) => [input, making.underway.get(input)]));
  const known = await findEmbeddedInputs(
    pool,
    model,
    inputs.map(({ input }) => input),
  );
  const missing = inputs.filter(({ input }) => !known.has(input));
  const asked = ({ input }: Input): Promise<Failures> | undefined => underway.get(input) ?? making.underway.get(input);
  const others = missing.filter((one) => asked(one) !== undefined);
  const elsewhere = [...new Set(others.map((one) => asked(one)!))];
  const own = startBatches(
    making,
    missing.filter((one) => asked(one) === undefined),
    cancelled,
  );
  const failed = new Map((await allOf(own)).flatMap((failures) => [...failures]));
  const awaited = await Promise.allSettled(elsewhere);
  // Whoever asked for them was cancelled.
  if (awaited.some(({ status }) => status === 'rejected')) {
    for (const [input, reason] of (await embedUnknown(making, others, cancelled)).failed) failed.set(input, reason);
  }
  const reasons = new Map(awaited.flatMap((result) => (result.status === 'fulfilled' ? [...result.value] : [])));
  for (const { input } of others) if (reasons.has(input)) failed.set(input, reasons.get(input)!);
  return { known: known.size, failed };
}

function startBatches(making: Making, inputs: readonly Input[], cancelled: AbortSignal): Promise<Failures>[] {
  const { slots, underway } = making;
  return batchesOf(inputs).map((batch) => {
    const made = slots
      .run(() => embedBatch(making, batch, cancelled))
      .finally(() => batch.forEach(({ input }) => underway.delete(input)));
    for (const { input } of batch) underway.set(input, made);
    return made;
  });
}

/** All are awaited, also after one has thrown: a cancelled page leaves no call behind. */
async function allOf<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(promises);
  return results.map((result) => {
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  });
}

/** Bounded in texts and in characters. */
function batchesOf(inputs: readonly Input[]): Input[][] {
  const batches: Input[][] = [];
  let chars = 0;
  for (const input of inputs) {
    chars += input.text.length;
    const last = batches.at(-1);
    if (last !== undefined && last.length < limits.embedBatchTexts && chars <= limits.embedBatchCharsMax)
      last.push(input);
    else {
      batches.push([input]);
      chars = input.text.length;
    }
  }
  return batches;
}

/** Stored as soon as they are there: what is made and not stored would be made again. */
async function embedBatch(
  { pool, model, embedder }: Making,
  inputs: readonly Input[],
  cancelled: AbortSignal,
): Promise<Failures> {
  cancelled.throwIfAborted();
  const vectors = await embedder.embed(
    inputs.map(({ text }) => text),
    cancelled,
  );
  const checked = await ofModelsLength(pool, model, vectors);
  const made: Embedding[] = [];
  const failed = new Map<string, string>();
  inputs.forEach(({ input }, at) => {
    const vector = checked[at]!;
    if (isVector(vector)) made.push({ input, vector });
    else failed.set(input, vector.message);
  });
  await insertEmbeddings(pool, model, made);
  return failed;
}

/** A model whose vectors were longer once is another one under the same name. */
async function ofModelsLength(
  pool: Pool,
  model: string,
  vectors: readonly (Vector | Error)[],
): Promise<readonly (Vector | Error)[]> {
  const first = vectors.find(isVector);
  if (first === undefined) return vectors;
  const expected = await ensureModel(pool, model, first.length);
  if (expected === first.length) return vectors;
  return vectors.map((vector) =>
    isVector(vector)
      ? new RangeError(
          `the embedder's vector has ${vector.length} numbers, expected ${expected} as those of ${model} before`,
        )
      : vector,
  );
}
