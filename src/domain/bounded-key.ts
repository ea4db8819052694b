// What names a row, in the bytes an index takes. A key may be as long as its origin likes (a path of 4,096 bytes, a name
// of 1,000 characters of three bytes); beyond the bound it is its beginning and the hash of all of it, for ever the same.
import * as crypto from 'node:crypto';
import { limits } from '../limits.js';

const hashChars = 65;
/** At most this is lost to a cut between characters. */
const charBytesMax = 4;

export function boundedKey(key: string): string {
  // A UTF-16 unit has at most three bytes, so most need no count.
  if (key.length * 3 <= limits.keyBytesMax - charBytesMax) return key;
  const bytes = Buffer.from(key);
  if (bytes.length <= limits.keyBytesMax && !looksBounded(key, bytes.length)) return key;
  return `${beginning(bytes, limits.keyBytesMax - hashChars)}~${crypto.hash('sha256', key, 'hex')}`;
}

/** A whole key that reads like another's bounded form would collide with it: so long and so ended, it is hashed too. */
function looksBounded(key: string, bytes: number): boolean {
  return bytes > limits.keyBytesMax - charBytesMax && /~[0-9a-f]{64}$/.test(key);
}

function beginning(bytes: Buffer, count: number): string {
  let end = count;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}
