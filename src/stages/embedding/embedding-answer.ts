// The answer of an embedding endpoint, taken apart and not believed: as many vectors as texts, of finite numbers that are
// floats in Postgres too, all of one length.
import { limits } from '../../limits.js';

export type Vector = readonly number[];

/** One text may be the cause: the others are tried without it. */
export class InputRefused extends Error {
  override readonly name = 'InputRefused';
}

/** In the order of the texts. Throws InputRefused when it cannot be told which vector is whose. */
export function vectorsOf(answer: unknown, count: number, dimensions: number | undefined): readonly (Vector | Error)[] {
  const data = typeof answer === 'object' && answer !== null && 'data' in answer ? answer.data : undefined;
  if (!Array.isArray(data)) throw new InputRefused("the embedder's answer has no list `data`");
  if (data.length !== count) throw new InputRefused(`the embedder answers ${data.length} vectors for ${count} texts`);
  const found: (Vector | Error)[] = [];
  data.forEach((item: unknown, at) => {
    const { index = at, embedding } = (typeof item === 'object' && item !== null ? item : {}) as {
      index?: unknown;
      embedding?: unknown;
    };
    if (
      !Number.isSafeInteger(index) ||
      Number(index) < 0 ||
      Number(index) >= count ||
      found[Number(index)] !== undefined
    ) {
      throw new InputRefused("the embedder's answer numbers its vectors wrongly");
    }
    found[Number(index)] = vectorOf(embedding);
  });
  return ofOneLength(found, dimensions);
}

function vectorOf(embedding: unknown): Vector | Error {
  if (!Array.isArray(embedding) || embedding.length === 0 || embedding.length > limits.embedDimensionsMax) {
    return new RangeError(`the embedder's vector is no list of 1 to ${limits.embedDimensionsMax} numbers`);
  }
  // What a float4 rounds to nothing Postgres refuses; what it rounds to infinity is no number.
  const floats = embedding.map((value: unknown) => (typeof value === 'number' ? Math.fround(value) : Number.NaN));
  if (!floats.every(Number.isFinite))
    return new RangeError("the embedder's vector has something in it that is no number");
  return floats.map((float, at) => (float === 0 ? 0 : (embedding[at] as number)));
}

/** Where nobody said how long they are to be, the first one says. */
function ofOneLength(
  vectors: readonly (Vector | Error)[],
  dimensions: number | undefined,
): readonly (Vector | Error)[] {
  const expected = dimensions ?? vectors.find(isVector)?.length;
  return vectors.map((vector) => {
    if (!isVector(vector) || vector.length === expected) return vector;
    return new RangeError(`the embedder's vector has ${vector.length} numbers, expected ${expected}`);
  });
}

export function isVector(vector: Vector | Error): vector is Vector {
  return !(vector instanceof Error);
}
