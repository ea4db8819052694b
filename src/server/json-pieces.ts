// A body of JSON without making values of it first: how deep it is, since V8 overflows on what is deep enough, and where the
// elements of a list stand, so that each event is kept as the bytes it came in.
import { serverLimits } from './limits.js';
import { badRequest } from './problem.js';

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [brace, braceEnd, bracket, bracketEnd] = [0x7b, 0x7d, 0x5b, 0x5d];

/** `value` and `pieces`: of a list its elements, of anything else the one there is. */
export interface JsonPieces {
  readonly isList: boolean;
  readonly values: readonly unknown[];
  readonly pieces: readonly Buffer[];
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Throws Problem 400. */
export function jsonPieces(body: Buffer): JsonPieces {
  if (body.byteLength === 0) throw badRequest('not_json', 'the body is empty, expected JSON');
  const elements = scan(body);
  const value = parsed(textOf(body));
  if (!Array.isArray(value)) return { isList: false, values: [value], pieces: [body] };
  return { isList: true, values: value, pieces: elements.map(([from, to]) => body.subarray(from, to)) };
}

function textOf(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw badRequest('not_utf8', 'the body is not UTF-8, which JSON is written in');
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw badRequest('not_json', `the body is no JSON: ${(error as Error).message.slice(0, 100)}`);
  }
}

/** Elements of the outermost list, with the blanks around them. What is no JSON is told by whoever parses it. */
function scan(body: Buffer): (readonly [number, number])[] {
  const elements: [number, number][] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < body.length; at++) {
    const sign = body[at];
    if (sign === quote) at = stringEnd(body, at);
    else if (sign === brace || sign === bracket) {
      depth += 1;
      if (depth > serverLimits.bodyDepthMax) throw tooDeep();
      if (depth === 1) from = at + 1;
    } else if (sign === comma && depth === 1) {
      elements.push([from, at]);
      from = at + 1;
    } else if (sign === braceEnd || sign === bracketEnd) {
      if (depth === 1 && (elements.length > 0 || !isBlank(body, from, at))) elements.push([from, at]);
      depth -= 1;
    }
  }
  return elements;
}

/** Where the closing quote is; the end of the body without one. */
function stringEnd(body: Buffer, from: number): number {
  for (let at = body.indexOf(quote, from + 1); at !== -1; at = body.indexOf(quote, at + 1)) {
    let before = at - 1;
    while (before > from && body[before] === backslash) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return body.length;
}

function isBlank(body: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!blanks.includes(body[at]!)) return false;
  return true;
}

const blanks: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];

function tooDeep() {
  return badRequest('too_deep', `the body is nested deeper than ${serverLimits.bodyDepthMax} levels`);
}
