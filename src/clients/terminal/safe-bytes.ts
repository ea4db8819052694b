// Bytes from anywhere as lines that cannot steer a terminal: what is no printable character is written out as an escape.
import { isUtf8 } from 'node:buffer';

export interface SafeBytes {
  readonly lines: readonly string[];
  /** Bytes that are not shown. */
  readonly left: number;
}

/** Lines break where the text breaks; a carriage return, a tab, an escape sequence or a direction mark is written out. */
export function safeBytes(bytes: Uint8Array, bytesMax: number): SafeBytes {
  const shown = cut(bytes, bytesMax);
  const text = isUtf8(shown) ? Buffer.from(shown).toString().replaceAll(steering, escaped) : asBytes(shown);
  return { lines: text.split('\n'), left: bytes.byteLength - shown.byteLength };
}

/** Not in the middle of a character. */
function cut(bytes: Uint8Array, bytesMax: number): Uint8Array {
  if (bytes.byteLength <= bytesMax) return bytes;
  let end = bytesMax;
  while (end > bytesMax - 4 && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}

// oxlint-disable-next-line no-control-regex -- these are what is looked for
const steering = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function escaped(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Not UTF-8: ASCII as it is, every other byte by its number. */
function asBytes(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes)
    text +=
      byte === 0x0a || (byte >= 0x20 && byte < 0x7f)
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, '0')}`;
  return text;
}
