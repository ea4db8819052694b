// A size of memory as people write it.
import { z } from 'zod';
import { memoryBytesMin } from './worker-memory.js';

/** `600MiB`, `1GiB`, `800MB`, or bytes. */
export const memorySize = z
  .string()
  .regex(/^\d{1,15}\s*([KMGT]i?B?|B)?$/i, 'expected a size like 600MiB or 1GiB')
  .transform(bytesOf)
  .refine(
    (bytes) => bytes >= memoryBytesMin,
    `expected at least ${memoryBytesMin / 1_024 / 1_024}MiB: a worker needs that much to hold one page`,
  );

/** Powers of 1,024 with an i or without a B, else of 1,000. */
function bytesOf(size: string): number {
  const [, digits, unit = ''] = /^(\d+)\s*(.*)$/.exec(size)!;
  const power = 'BKMGT'.indexOf(unit === '' ? 'B' : unit[0]!.toUpperCase());
  return Number(digits) * (/^.(i|$)/i.test(unit) ? 1_024 : 1_000) ** Math.max(power, 0);
}
