// Input from outside against a schema: the first problem becomes one line that names the field. Values are not repeated:
// they may be secrets, or large.
import type { z } from 'zod';
import { InvalidInput } from './errors.js';
import { issueWords } from './issue-words.js';

/** `at` is the path of the value in what the user wrote: `source.options`. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, at = ''): T {
  const parsed = checked(schema, value, at);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const path = [...(at === '' ? [] : [at]), ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema);
    throw new InvalidInput(
      [...path, issue.keys[0]!].join('.'),
      `is not an option here${known.length === 0 ? '' : `; expected one of ${known.join(', ')}`}`,
    );
  }
  throw new InvalidInput(path.join('.') || 'input', issue.message, { cause: parsed.error });
}

/** Of an object, those it may have; of anything else none. */
export function knownKeys(schema: unknown): string[] {
  const shape = (schema as { shape?: Record<string, unknown> }).shape;
  return shape === undefined ? [] : Object.keys(shape);
}

/** A check that throws where it should refuse is a fault of ours; what it was given is still the caller's to correct. */
function checked<T>(schema: z.ZodType<T>, value: unknown, at: string): z.ZodSafeParseResult<T> {
  try {
    // Also of a schema of another copy of the library, which an extension may bring.
    return schema.safeParse(value, { reportInput: false, error: issueWords });
  } catch (error) {
    const field = [...(at === '' ? [] : [at]), ...throwingField(schema, value)].join('.') || 'input';
    throw new InvalidInput(
      field,
      `cannot be checked: its validation failed with ${error instanceof Error ? error.name : 'an error'}; correct the value, or leave it out`,
      { cause: error },
    );
  }
}

/** The way to the value whose own check throws, as far as objects lead. */
function throwingField(schema: unknown, value: unknown): string[] {
  const shape = shapeOf(schema);
  const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  const thrower = Object.keys(shape).find((key) => throws(() => shape[key]!.safeParse(fields[key])));
  return thrower === undefined ? [] : [thrower, ...throwingField(shape[thrower], fields[thrower])];
}

/** Of an object, also of one that may be left out. */
function shapeOf(schema: unknown): Record<string, z.ZodType> {
  const { shape, unwrap } = schema as { shape?: Record<string, z.ZodType>; unwrap?: () => unknown };
  return shape ?? (unwrap === undefined ? {} : shapeOf(unwrap()));
}

function throws(check: () => unknown): boolean {
  try {
    check();
    return false;
  } catch {
    return true;
  }
}
