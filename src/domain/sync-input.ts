// The one argument of `syncSource`, as people write it in the Temporal CLI, our CLI or a Schedule.
import { z } from 'zod';
import { limits } from '../limits.js';
import { InvalidInput } from './errors.js';
import { parseInput } from './parse.js';
import { sourceIdSchema } from './source-id.js';

export const stageNames = ['validate', 'hash', 'deduplicate', 'enrich', 'persist'] as const;
export type StageName = (typeof stageNames)[number];

const shared = {
  mode: z.literal('once', 'expected "once"').optional(),
  batch: z
    .strictObject({
      events: z.int().min(1).max(limits.pageEventsMax).optional(),
      bytes: z.int().min(1).max(limits.pageBytesMax).optional(),
      inFlight: z.int().min(1).max(limits.pagesInFlightMax).optional(),
    })
    .optional(),
  stages: z
    .array(z.enum(stageNames))
    .refine(inOrder, `expected stages in the order ${stageNames.join(', ')}, with only enrich left out`)
    .optional(),
};

const newSource = z.strictObject({
  source: z.strictObject({
    type: z.string().min(1),
    id: sourceIdSchema.optional(),
    options: z.record(z.string(), z.unknown()).default({}),
  }),
  ...shared,
});

const knownSource = z.strictObject({ sourceId: sourceIdSchema, ...shared });

export type SyncInput = z.infer<typeof newSource> | z.infer<typeof knownSource>;

/** Throws InvalidInput that names the field. */
export function parseSyncInput(value: unknown): SyncInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput('input', 'expected one JSON object like {"sourceId":"acme/api"} or {"source":{"type":"git","options":{"url":"…"}}}');
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > limits.inputBytesMax) throw new InvalidInput('input', `has ${bytes} bytes, expected at most ${limits.inputBytesMax}`);
  return 'sourceId' in value ? parseInput(knownSource, value) : parseInput(newSource, value);
}

function inOrder(names: readonly StageName[]): boolean {
  const expected = stageNames.filter((name) => names.includes(name));
  const required = stageNames.filter((name) => name !== 'enrich');
  return expected.join() === names.join() && required.every((name) => names.includes(name));
}
