// What a patch to the state of a source may be: what a row can hold, and so much that a page can hold it. A source that gives
// another is told which, before anything of it is stored.
import { NeedsAttention } from './errors.js';
import type { StatePatch } from './source-state.js';
import { stateKeyBytes } from './state-key.js';

/** A path has at most 4,096 bytes; what `stateKey` escapes counts as the bytes it stands for. */
export const stateKeyBytesMax = 4_096;
/** JSON of one row: a row that is larger is several, or records. */
export const stateValueBytesMax = 64 * 1_024;
/** Of one page: its transaction applies them under the cursor's lock, 100,000 in about two seconds. */
export const statePatchesMax = 100_000;
/** JSON of them: it stands in the page's row, and in memory beside its records. */
export const statePatchBytesMax = 16 * 1_024 * 1_024;

/** A key's beginning in a message. */
const keyShown = 60;

export interface StateSize {
  readonly patches: number;
  readonly patchBytes: number;
}

/** How much the patches of a chunk are. Throws NeedsAttention that names the source, the kind and the key. */
export function stateSize(source: string, patches: readonly StatePatch[]): StateSize {
  let patchBytes = 0;
  for (const patch of patches) {
    const [problem, bytes] = checked(patch);
    if (problem !== null)
      throw invalid(
        `${source} gave a row of state that cannot be stored, kind ${shown(patch.kind)}, key ${shown(patch.key)}: ${problem}`,
      );
    patchBytes += bytes;
  }
  if (patches.length > statePatchesMax || patchBytes > statePatchBytesMax) {
    throw invalid(
      `${source} gave a chunk that changes ${patches.length} rows of state in ${patchBytes} bytes, the first of kind ${shown(patches[0]!.kind)}, ` +
        `key ${shown(patches[0]!.key)}: expected at most ${statePatchesMax} rows and ${statePatchBytesMax} bytes`,
    );
  }
  return { patches: patches.length, patchBytes };
}

function invalid(message: string): NeedsAttention {
  return new NeedsAttention('state_invalid', `${message}; the source type must be mended`);
}

/** What is wrong, or null and the bytes of the patch. */
function checked({ kind, key, value }: StatePatch): [string | null, number] {
  if (typeof kind !== 'string' || !/^[a-z0-9._-]{1,64}$/.test(kind))
    return ['the kind is not 1 to 64 of a-z, 0-9, ".", "_" and "-"', 0];
  if (typeof key !== 'string' || !key.isWellFormed() || key.includes('\0'))
    return ['the key is not well-formed text without NUL; stateKey makes one of any bytes', 0];
  const keyBytes = stateKeyBytes(key).length;
  if (keyBytes < 1 || keyBytes > stateKeyBytesMax)
    return [`the key has ${keyBytes} bytes, expected 1 to ${stateKeyBytesMax}`, 0];
  const text = jsonOf(value);
  if (text === null)
    return ['the value is not JSON that Postgres can hold: a NUL, half a surrogate pair, or no JSON at all', 0];
  const valueBytes = Buffer.byteLength(text);
  if (valueBytes > stateValueBytesMax)
    return [`the value has ${valueBytes} bytes of JSON, expected at most ${stateValueBytesMax}`, 0];
  return [null, Buffer.byteLength(kind) + Buffer.byteLength(key) + valueBytes];
}

/** JSON escapes what jsonb refuses, or an escaped backslash stands before the same letters. */
const refused = /\\(?:u(?:0000|d[89a-f][0-9a-f]{2})|(.))/g;

function jsonOf(value: unknown): string | null {
  try {
    const text = JSON.stringify(value) as string | undefined;
    // NaN would read as null, which removes the row.
    if (text === undefined || (text === 'null' && value !== null)) return null;
    return text.includes('\\u') && [...text.matchAll(refused)].some(([, letter]) => letter === undefined) ? null : text;
  } catch {
    return null;
  }
}

function shown(text: unknown): string {
  return JSON.stringify(typeof text === 'string' ? text.slice(0, keyShown).toWellFormed() : String(text));
}
