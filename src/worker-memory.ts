// What one setting, TRIBUTARY_MEMORY, divides into: the worker's heap, and in it the room for pages. In bytes.
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

const MIB = 1_024 * 1_024;

/** Beside the heap, whatever its size: Temporal's core, the workflow isolate, the program. */
const besideHeapBytes = 125 * MIB;
/**
 * Of the rest, for the heap's old space. Raw pages, their compression and sockets' buffers lie outside of it, and there are more
 * of them the more pages there is room for: with four fifths ten busy sources took 846 MiB of 753.
 */
const heapShare = 0.7;
/** The young generation: larger ones make V8 hold more garbage and go no faster. Three of them count towards V8's limit. */
const semiSpaceMib = 16;
/** Code, the pool, the caches of hashes and runs: what an idle worker's heap holds. */
const idleHeapBytes = 56 * MIB;
/** Of the rest of the heap; the remainder is for what is made and dropped within one stage. */
const roomShare = 0.75;

export const memoryBytesMin = 320 * MIB;
/** A worker on one CPU gains nothing from more; it holds as many pages as it computes in some seconds. */
const memoryBytesUsual = 1_024 * MIB;

/** A thirty-second of the machine's memory, or of the container's, from 400 MiB to 1 GiB. */
export function usualMemoryBytes(machine = machineMemoryBytes()): number {
  return Math.round(Math.min(Math.max(machine / 32, 400 * MIB), memoryBytesUsual));
}

/** Or the container's, where that is less. */
export function machineMemoryBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/**
 * Left alone, V8 grows to 700 MB before it collects, at the same speed.
 */
export function heapFlags(memoryBytes: number): string[] {
  return [
    `--max-old-space-size=${Math.floor(((memoryBytes - besideHeapBytes) * heapShare) / MIB)}`,
    `--max-semi-space-size=${semiSpaceMib}`,
  ];
}

/** Follows the heap the process has, whoever started it with whichever flags. */
export function roomBytes(heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  const oldSpace = heapLimitBytes - 3 * semiSpaceMib * MIB;
  return Math.max(Math.floor((oldSpace - idleHeapBytes) * roomShare), 16 * MIB);
}

/**
 * Workflows kept in memory between their tasks; any other is replayed from its history first. Each takes a quarter of a MiB beside
 * this heap (500 waiting followers, measured): an eighth of the heap's limit in all, and 100 even on the smallest worker.
 */
export function cachedWorkflowsMax(heapLimitBytes = getHeapStatistics().heap_size_limit): number {
  return Math.max(100, Math.floor(heapLimitBytes / (2 * MIB)));
}
