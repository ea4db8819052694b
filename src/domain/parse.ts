// Input from outside against a schema: the first problem becomes one line that names the field. Values are not repeated:
// they may be secrets, or large.
import type { z } from 'zod';
import { InvalidInput } from './errors.js';

/** `at` is the path of the value in what the user wrote: `source.options`. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown, at = ''): T {
  const parsed = schema.safeParse(value, { reportInput: false });
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

function knownKeys(schema: unknown): string[] {
  const shape = (schema as { shape?: Record<string, unknown> }).shape;
  return shape === undefined ? [] : Object.keys(shape);
}
