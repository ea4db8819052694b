// The name of a source: the key of every row it owns and of its workflow (`sync/<source id>`).
import { z } from 'zod';
import { limits } from '../limits.js';

const segment = /^[a-z0-9._-]+$/;

/** Segments of `[a-z0-9._-]` joined by `/`, at most 120 characters, no empty, `.` or `..` segment (design §2). */
export const sourceIdSchema = z
  .string()
  .min(1, 'is empty; expected a name like acme/api')
  .max(limits.sourceIdCharsMax, `is longer than ${limits.sourceIdCharsMax} characters`)
  .refine((id) => id.split('/').every((part) => segment.test(part) && part !== '.' && part !== '..'), {
    message: "expected segments of a-z, 0-9, '.', '_' and '-' joined by '/', none empty, '.' or '..', like acme/api",
  });

/**
 * Turns any text into a valid id: lower case, other characters become '-'; at most 120 characters, never empty.
 *
 * @example
 * ```ts
 * sourceIdFrom('Acme/My Notes.jsonl'); // acme/my-notes.jsonl
 * ```
 */
export function sourceIdFrom(text: string): string {
  const parts = text
    .toLowerCase()
    .split('/')
    .map((part) => part.replaceAll(/[^a-z0-9._-]+/g, '-').replaceAll(/^[-.]+|[-.]+$/g, ''))
    .filter((part) => part !== '');
  const id = parts
    .join('/')
    .slice(-limits.sourceIdCharsMax)
    .replaceAll(/^[/.-]+|[/.-]+$/g, '');
  return id === '' ? 'source' : id;
}

export { workflowIdPrefix } from './workflow-id.js';
