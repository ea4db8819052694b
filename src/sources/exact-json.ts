// What a value cannot say of the JSON it was parsed from. JSON.parse keeps the last of equal keys and rounds numbers that a double
// cannot hold; so two texts that differ could make one event. What it would lose is noticed here.
import type { Json } from '../domain/event.js';
import { limits } from '../limits.js';
import { isExact } from './decimal.js';

const none: readonly string[] = [];

/** Of a text and its value: numbers that a double would round as text, and what else the value does not say. */
export function exactly(text: string, value: Json): { readonly value: Json; readonly flags: readonly string[] } {
  const found = scan(text);
  // Deeper ones are dead letters of validate; counting goes by recursion.
  const doubled = found.depth <= limits.eventDepthMax && found.keys !== keysOf(value);
  const wide = found.numbers.filter(([from, to]) => !isExact(text.slice(from, to)));
  if (!doubled && wide.length === 0) return { value, flags: none };
  const flags = [...(doubled ? ['duplicate_keys'] : []), ...(wide.length === 0 ? [] : ['number_as_text'])];
  return { value: wide.length === 0 ? value : (JSON.parse(quoted(text, wide)) as Json), flags };
}

interface Scanned {
  readonly keys: number;
  readonly depth: number;
  /** Numbers that may be more than a double holds, from and to. */
  readonly numbers: readonly (readonly [number, number])[];
}

/** A double holds any number of 15 digits; a longer text, or one with an exponent, wants a look. */
const plainDigits = 15;

/** One pass over JSON that is known to be JSON. */
function scan(text: string): Scanned {
  let [keys, depth, deepest] = [0, 0, 0];
  const numbers: [number, number][] = [];
  for (let at = 0; at < text.length; at++) {
    const sign = text.charCodeAt(at);
    if (sign === quote) at = stringEnd(text, at);
    else if (sign === colon) keys += 1;
    else if (sign === brace || sign === bracket) deepest = Math.max(deepest, ++depth);
    else if (sign === braceEnd || sign === bracketEnd) depth -= 1;
    else if (isDigit(sign)) {
      const end = numberEnd(text, at);
      if (end - at > plainDigits || /e/i.test(text.slice(at, end))) numbers.push([signed(text, at), end]);
      at = end - 1;
    }
  }
  return { keys, depth: deepest, numbers };
}

const [quote, colon, backslash, minus] = [0x22, 0x3a, 0x5c, 0x2d];
const [brace, braceEnd, bracket, bracketEnd] = [0x7b, 0x7d, 0x5b, 0x5d];

function isDigit(sign: number): boolean {
  return sign >= 0x30 && sign <= 0x39;
}

function signed(text: string, at: number): number {
  return text.charCodeAt(at - 1) === minus ? at - 1 : at;
}

/** Where the closing quote is. */
function stringEnd(text: string, from: number): number {
  for (let at = text.indexOf('"', from + 1); ; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
}

/** After its last sign: digits, `.`, `e`, `E`, `+`, `-`. */
function numberEnd(text: string, from: number): number {
  let at = from + 1;
  for (let sign = text.charCodeAt(at); isDigit(sign) || numberSigns.includes(sign); sign = text.charCodeAt(at)) at += 1;
  return at;
}

const numberSigns: readonly number[] = [0x2e, 0x65, 0x45, 0x2b, 0x2d];

function keysOf(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0;
  let keys = 0;
  if (Array.isArray(value)) for (const item of value) keys += keysOf(item);
  else
    for (const key in value) {
      keys += 1;
      const item = value[key];
      if (typeof item === 'object') keys += keysOf(item!);
    }
  return keys;
}

function quoted(text: string, numbers: Scanned['numbers']): string {
  const parts: string[] = [];
  let from = 0;
  for (const [start, end] of numbers) {
    parts.push(text.slice(from, start), '"', text.slice(start, end), '"');
    from = end;
  }
  return parts.join('') + text.slice(from);
}
