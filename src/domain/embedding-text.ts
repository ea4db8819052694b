// The text of an event that is embedded. Pure: the same event gives the same text, whose hash finds its vector again.
import { limits } from '../limits.js';
import type { HashedEvent, Json, JsonObject } from './event.js';

/** Fields of data by event type; `*` for all other types, an empty list for none. A dot goes into an object. */
export type EmbedFields = Readonly<Record<string, readonly string[]>>;

/** What people write in, by the names that most origins give it, in the order of reading. */
const textFields = [
  'title',
  'subject',
  'name',
  'summary',
  'message',
  'text',
  'body',
  'content',
  'description',
  'comment',
];

/** Null when there is nothing to embed. Capped at limits.embedTextCharsMax. */
export function embeddingText(
  { type, subject, dataText }: Pick<HashedEvent, 'type' | 'subject' | 'dataText'>,
  fields: EmbedFields,
): string | null {
  const named = Object.hasOwn(fields, type) ? fields[type] : fields['*'];
  if (named?.length === 0) return null;
  const data = JSON.parse(dataText) as JsonObject;
  const texts = named === undefined ? textsOf(data, subject) : named.map((path) => at(data, path));
  const text = texts
    .filter((one) => typeof one === 'string')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .join('\n');
  return text === '' ? null : text.slice(0, limits.embedTextCharsMax).toWellFormed();
}

/** Fields of known names; where none has text, the subject and every text of the data. */
function textsOf(data: JsonObject, subject: string | null): readonly (Json | undefined)[] {
  const known = textFields
    .map((field) => at(data, field))
    .filter((value) => typeof value === 'string' && value.trim() !== '');
  return known.length > 0
    ? known
    : [subject, ...Object.values(data).filter((value) => typeof value === 'string' && value !== subject)];
}

function at(data: JsonObject, path: string): Json | undefined {
  let value: Json | undefined = data;
  for (const field of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, field))
      return undefined;
    value = value[field];
  }
  return value;
}
