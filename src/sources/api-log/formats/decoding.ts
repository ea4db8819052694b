// Fields as servers escape them, to text.
//
// nginx writes `"`, `\` and all bytes outside of 32 to 126 as \xHH (escape=default), or as JSON does (escape=json). Apache
// writes \" \\ \b \n \r \t \v, and \xhh for what is not printable. Go (Traefik) writes \u and \U, too. All of them escape the
// backslash itself, so none of these forms means something else to another of them, and one decoder reads all. What is no
// escape stays as it is.
import { isUtf8 } from 'node:buffer';
import { hexAt } from './scan.js';

export interface Decoded {
  readonly text: string;
  /** False: bytes that are no text read U+FFFD. */
  readonly valid: boolean;
}

const letters: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Of bytes as latin1. */
export function decoded(bytes: string, escaped: boolean): Decoded {
  const plain = escaped && bytes.includes('\\') ? unescaped(bytes) : bytes;
  return utf8(plain);
}

function utf8(bytes: string): Decoded {
  const buffer = Buffer.from(bytes, 'latin1');
  return { text: buffer.toString(), valid: isUtf8(buffer) };
}

/** Bytes as latin1, with escapes taken off. */
function unescaped(bytes: string): string {
  let [out, from] = ['', 0];
  for (let at = bytes.indexOf('\\'); at >= 0; at = bytes.indexOf('\\', from)) {
    out += bytes.slice(from, at);
    const sign = bytes.charAt(at + 1);
    const letter = letters[sign];
    if (letter !== undefined) [out, from] = [out + letter, at + 2];
    else [out, from] = coded(bytes, at, sign, out);
  }
  return out + bytes.slice(from);
}

const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** \xHH is a byte, \uHHHH and \UHHHHHHHH a character; a backslash before anything else is itself. */
function coded(bytes: string, at: number, sign: string, out: string): [string, number] {
  const digits = digitsOf[sign];
  const value = digits === undefined ? -1 : hexAt(bytes, at + 2, digits);
  if (digits === undefined || value < 0 || value > 0x10ffff) return [`${out}\\`, at + 1];
  const next = at + 2 + digits;
  if (sign === 'x') return [out + String.fromCharCode(value), next];
  const low = isHigh(value) && bytes.startsWith('\\u', next) ? hexAt(bytes, next + 2, 4) : -1;
  if (low >= 0xdc00 && low <= 0xdfff)
    return [out + asBytes(0x10000 + ((value - 0xd800) << 10) + low - 0xdc00), next + 6];
  return [out + asBytes(value), next];
}

function isHigh(value: number): boolean {
  return value >= 0xd800 && value <= 0xdbff;
}

/** Half of a pair alone gives three bytes that are no UTF-8, as it is no character. */
function asBytes(point: number): string {
  if (point >= 0xd800 && point <= 0xdfff)
    return String.fromCharCode(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 63), 0x80 | (point & 63));
  return Buffer.from(String.fromCodePoint(point)).toString('latin1');
}
