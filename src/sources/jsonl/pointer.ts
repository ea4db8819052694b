// JSON pointers (RFC 6901): where in a record a field of the event is. `/order/id`; `~1` is a slash, `~0` a tilde.
import { z } from 'zod';
import type { Json } from '../../domain/event.js';

/** Nothing that people map lies deeper. */
const tokensMax = 20;
const charsMax = 500;

const form = /^(\/([^~/]|~[01])*)+$/;

export const pointer = z
  .string({ error: 'expected a JSON pointer like /order/id' })
  .max(charsMax, `is longer than ${charsMax} characters`)
  .regex(form, 'is no JSON pointer; expected one like /id or /order/id (~1 for a slash in a name, ~0 for a tilde)')
  .refine((text) => tokensOf(text).length <= tokensMax, `has more than ${tokensMax} parts`);

const parsed = new Map<string, readonly string[]>();
/** Pointers of the sources of a worker; each has at most a dozen. */
const parsedMax = 1_000;

function tokensOf(text: string): readonly string[] {
  const known = parsed.get(text);
  if (known !== undefined) return known;
  const tokens = text
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parsed.size >= parsedMax) parsed.clear();
  parsed.set(text, tokens);
  return tokens;
}

/** Undefined where there is nothing. Own properties only: `/constructor` of any object is nothing. */
export function valueAt(record: Json, text: string): Json | undefined {
  let value: Json | undefined = record;
  for (const token of tokensOf(text)) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value)) value = /^(0|[1-9]\d{0,8})$/.test(token) ? value[Number(token)] : undefined;
    else value = Object.hasOwn(value, token) ? value[token] : undefined;
  }
  return value;
}
