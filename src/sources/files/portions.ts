// Lines as chunks take them, and the bytes before a place of a text that comes in blocks.
import { limits } from '../../limits.js';
import { fileLimits } from './limits.js';
import type { Line } from './line-splitter.js';

/** As many as a chunk takes. `beside`: bytes that each takes there, beside its own. */
export function* portions(lines: readonly Line[], beside = 0): Generator<readonly Line[], void, void> {
  let [from, bytes] = [0, 0];
  for (let at = 0; at < lines.length; at++) {
    bytes += lines[at]!.bytes.length + beside;
    if (at + 1 - from < fileLimits.chunkLinesMax && bytes < limits.chunkBytesMax && at + 1 < lines.length) continue;
    yield lines.slice(from, at + 1);
    [from, bytes] = [at + 1, 0];
  }
}

/** The last bytes before a place of a block; `before`: those before the block. */
export function tailIn(block: Buffer, end: number, before: Buffer): Buffer {
  const { printBytes } = fileLimits;
  return end >= printBytes
    ? Buffer.from(block.subarray(end - printBytes, end))
    : Buffer.concat([before, block.subarray(0, end)]).subarray(-printBytes);
}
