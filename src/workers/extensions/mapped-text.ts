// What a mapper made of a record, as JSON holds it, and back. Nothing of it may change on the way: a date or a NaN in the
// data decides what its event is.
import { deserialize, serialize } from 'node:v8';
import type { EventDraft } from '../../domain/event.js';
import { limits } from '../../limits.js';
import { isRefusal, refusalOf, type Mapped, type Refusal } from '../../stages/mapping/map-record.js';

/** The list of drafts as JSON text; where JSON does not hold all of it, as V8 writes it, in base64. */
export type MappedText = { readonly json: string } | { readonly v8: string } | Refusal;

/** The events of one record: four times as much as one event may hold. */
const charsMax = 4 * limits.eventDataBytesMax;

/** Never throws. */
export function mappedText(mapped: Mapped): MappedText {
  if (isRefusal(mapped)) return mapped;
  try {
    const text = isPlain(mapped, levelsMax)
      ? { json: JSON.stringify(mapped) }
      : { v8: serialize(mapped).toString('base64') };
    const chars = charsOf(text);
    if (chars <= charsMax) return text;
    return { code: 'too_large', error: `its events have ${chars} characters as text, expected at most ${charsMax}` };
  } catch (error) {
    return refusalOf(error);
  }
}

export function mappedOf(text: MappedText): Mapped {
  if ('json' in text) return JSON.parse(text.json) as EventDraft[];
  return 'v8' in text ? (deserialize(Buffer.from(text.v8, 'base64')) as EventDraft[]) : text;
}

export function charsOf(text: MappedText): number {
  if ('json' in text) return text.json.length;
  return 'v8' in text ? text.v8.length : text.error.length;
}

/** Drafts add a few levels to what their data may have; what is deeper, or a circle, is for validate to find. */
const levelsMax = limits.eventDepthMax + 10;

function isPlain(value: unknown, levels: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean' || value === undefined;
  if (value === null) return true;
  if (levels === 0 || 'toJSON' in value || ArrayBuffer.isView(value)) return false;
  if (Array.isArray(value)) return value.every((item) => isPlain(item, levels - 1));
  for (const key in value) if (!isPlain((value as Record<string, unknown>)[key], levels - 1)) return false;
  return true;
}
