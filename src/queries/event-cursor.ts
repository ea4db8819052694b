// Where a listing ended, as text people paste: opaque, and good only for the same question asked again.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InvalidInput } from '../domain/errors.js';
import { instantOf } from '../domain/instant.js';
import type { EventPlace } from '../store/reading/event-filter.js';

const instant = z.string().refine((text) => instantOf(text) === text);
const content = z.tuple([z.literal(1), z.string(), instant.nullable(), instant, z.string(), z.string()]);

/** `question` is what was asked: filters and order, as they were typed. */
export function cursorOf({ time, ingestedAt, source, id }: EventPlace, question: unknown): string {
  const text = JSON.stringify([1, digestOf(question), time, ingestedAt, source, id]);
  return Buffer.from(`${digestOf(text)}${text}`).toString('base64url');
}

/** Throws InvalidInput for text that is no cursor, or one of another question: its pages would have gaps. */
export function placeOf(cursor: string | undefined, question: unknown): EventPlace | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString();
  const json = text.slice(digestChars);
  if (!/^[\w-]+$/.test(cursor) || digestOf(json) !== text.slice(0, digestChars)) throw broken();
  const parsed = content.safeParse(JSON.parse(json));
  if (!parsed.success) throw broken();
  const [, asked, time, ingestedAt, source, id] = parsed.data;
  if (asked !== digestOf(question))
    throw new InvalidInput(
      'after',
      'this cursor belongs to a listing with other filters or another order; repeat those, or begin without --after',
    );
  return { time, ingestedAt, source, id };
}

const digestChars = 10;

function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(typeof value === 'string' ? value : JSON.stringify(value))
    .digest('base64url')
    .slice(0, digestChars);
}

function broken(): InvalidInput {
  return new InvalidInput(
    'after',
    'this is no cursor, or only a part of one; copy it whole from the end of the listing before, or begin without --after',
  );
}
