// One setting, divided: what the flags allow, the heap has, and the room for pages fits in the heap.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { heapFlags, memoryBytesMin, roomBytes, usualMemoryBytes } from '../src/worker-memory.js';

const MIB = 1_024 * 1_024;
const GIB = 1_024 * MIB;

test('the usual memory is a thirty-second of the machine, from 400 MiB to 1 GiB', () => {
  expect([1, 4, 16, 24, 64, 512].map((gib) => usualMemoryBytes(gib * GIB) / MIB)).toEqual([
    400, 400, 512, 768, 1_024, 1_024,
  ]);
});

test('the heap that the flags give leaves room for a page at least, also at the smallest setting', () => {
  for (const bytes of [memoryBytesMin, 400 * MIB, 2 * GIB]) {
    const limit = execFileSync(
      process.execPath,
      [...heapFlags(bytes), '-p', 'v8.getHeapStatistics().heap_size_limit'],
      { encoding: 'utf8' },
    );
    const room = roomBytes(Number(limit));
    expect(Number(limit)).toBeLessThan(bytes);
    expect(room).toBeLessThan(Number(limit));
    expect(room).toBeGreaterThanOrEqual(36 * MIB);
  }
});
