// Bytes that need not be text (a file's name) as a key of state. Text without NUL is itself, unless it has `\x`; where bytes
// are no text each of them is `\xff`. So a key begins as its bytes do, and keys of one folder stay side by side.
import { isUtf8 } from 'node:buffer';

const backslash = 0x5c;
const letterX = 0x78;
const escape = /\\x([0-9a-f]{2})/;

export function stateKey(bytes: Uint8Array): string {
  if (isUtf8(bytes) && !mustEscape(bytes)) return Buffer.from(bytes).toString();
  let key = '';
  for (let at = 0; at < bytes.length;) {
    const length = charLength(bytes, at);
    key += length === 0 ? escaped(bytes[at]!) : Buffer.from(bytes.subarray(at, at + length)).toString();
    at += Math.max(length, 1);
  }
  return key;
}

/** The bytes of a key that `stateKey` made; of any other text its UTF-8. */
export function stateKeyBytes(key: string): Buffer {
  // Every other part is the two digits of a byte.
  const parts = key.split(escape);
  return Buffer.concat(parts.map((part, at) => Buffer.from(part, at % 2 === 0 ? 'utf8' : 'hex')));
}

function mustEscape(bytes: Uint8Array): boolean {
  return bytes.some((byte, at) => byte === 0 || isMark(bytes, at));
}

/** A backslash that would be taken for one of ours. */
function isMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === backslash && bytes[at + 1] === letterX;
}

/** Bytes of the character there that can be as it is; 0: none. */
function charLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first === 0 || isMark(bytes, at)) return 0;
  const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

function escaped(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}
