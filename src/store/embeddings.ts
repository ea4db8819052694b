// Rows of `embeddings`: vectors by the text they were made from. First writer wins; they are never changed.
import { hashesOf, joinedHashes } from './hash-list.js';
import type { Queryable } from './pool.js';

export interface Embedding {
  /** sha256 of the text, hex. */
  readonly input: string;
  readonly vector: readonly number[];
}

/** Those of the inputs that have a vector of this model. One statement for any number. */
export async function findEmbeddedInputs(
  db: Queryable,
  model: string,
  inputs: readonly string[],
): Promise<Set<string>> {
  if (inputs.length === 0) return new Set();
  const { rows } = await db.query<{ input: string }>({
    text: `select encode(input_hash, 'hex') as input from embeddings where model = $2 and input_hash = any(${hashesOf('$1')})`,
    values: [joinedHashes(inputs), model],
  });
  return new Set(rows.map((row) => row.input));
}

/**
 * The length of a model's vectors. The first vector of a model fixes it; `dimensions` is the length of the one at hand.
 */
export async function ensureModel(db: Queryable, model: string, dimensions: number): Promise<number> {
  const known = await findDimensions(db, model);
  if (known !== undefined) return known;
  await db.query('insert into embedding_models (model, dimensions) values ($1, $2) on conflict do nothing', [
    model,
    dimensions,
  ]);
  return (await findDimensions(db, model))!;
}

async function findDimensions(db: Queryable, model: string): Promise<number | undefined> {
  const { rows } = await db.query<{ dimensions: number }>('select dimensions from embedding_models where model = $1', [
    model,
  ]);
  return rows[0]?.dimensions;
}

/** All of the length its model has. In hash order, as all bulk claims, so that two of them cannot wait for each other. */
export async function insertEmbeddings(db: Queryable, model: string, embeddings: readonly Embedding[]): Promise<void> {
  if (embeddings.length === 0) return;
  const sorted = embeddings.toSorted((a, b) => (a.input < b.input ? -1 : 1));
  await db.query({
    text: `insert into embeddings (input_hash, model, dimensions, vector)
           select hash, $3, cardinality(vector::real[]), vector::real[] from unnest(${hashesOf('$1')}, $2::text[]) as made(hash, vector)
           on conflict (input_hash, model) do nothing`,
    // Each vector is one text: unnest would take an array of arrays apart to its numbers.
    values: [
      joinedHashes(sorted.map(({ input }) => input)),
      sorted.map(({ vector }) => `{${vector.join(',')}}`),
      model,
    ],
  });
}
