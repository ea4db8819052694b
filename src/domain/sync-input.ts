// The one argument of `syncSource`, as people write it in the Temporal CLI, our CLI or a Schedule.
import { z } from 'zod';
import { limits } from '../limits.js';
import { InvalidInput } from './errors.js';
import { parseInput } from './parse.js';
import { sourceIdSchema } from './source-id.js';

/** The built-in stages; a worker's own ones come before persist. */
export const stageNames = ['validate', 'hash', 'deduplicate', 'enrich', 'persist'] as const;
export type StageName = (typeof stageNames)[number];

/** Built-in, too, but only there when the worker is set up for them; after its own stages, so that what those drop is not embedded. */
export const configuredStages: readonly string[] = ['embed'];

const optionalStages: readonly string[] = ['enrich'];

const shared = {
  mode: z.enum(['once', 'follow'], 'expected "once" or "follow"').optional(),
  /** Between the end of one look at a followed source and the next. */
  pollIntervalMs: z
    .int('expected a whole number of milliseconds')
    .min(limits.pollIntervalMsMin, `expected at least ${limits.pollIntervalMsMin}`)
    .max(limits.pollIntervalMsMax, `expected at most ${limits.pollIntervalMsMax}`)
    .optional(),
  batch: z
    .strictObject({
      events: z.int().min(1).max(limits.pageEventsMax).optional(),
      bytes: z.int().min(1).max(limits.pageBytesMax).optional(),
      inFlight: z.int().min(1).max(limits.pagesInFlightMax).optional(),
    })
    .optional(),
  /** A person says that what the origin no longer has is gone, however much it is. Holds for the first look of this start, and is not kept. */
  acceptDeletions: z.boolean('expected true or false').optional(),
  /** Which there are is the worker's to say. */
  stages: z.array(z.string().max(limits.optionCharsMax)).max(limits.stagesMax).optional(),
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

/** `ownStages` are those this worker has beside the built-in ones. Throws InvalidInput that names the field. */
export function parseSyncInput(value: unknown, ownStages: readonly string[] = []): SyncInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput('input', 'expected one JSON object like {"sourceId":"acme/api"} or {"source":{"type":"git","options":{"url":"…"}}}');
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > limits.inputBytesMax) throw new InvalidInput('input', `has ${bytes} bytes, expected at most ${limits.inputBytesMax}`);
  const input = 'sourceId' in value ? parseInput(knownSource, value) : parseInput(newSource, value);
  chosenStages(input, ownStages);
  return input;
}

/** The pipeline of a worker: the built-in stages, with its own before persist. */
export function pipelineOf(own: readonly string[]): string[] {
  return [...stageNames.slice(0, -1), ...own, 'persist'];
}

/** The stages of a run: all the worker has, or those asked for. Throws InvalidInput that names the field. */
export function chosenStages({ stages }: Pick<SyncInput, 'stages'>, own: readonly string[]): readonly string[] {
  const pipeline = pipelineOf(own);
  if (stages === undefined) return pipeline;
  const unknown = stages.findIndex((name) => !pipeline.includes(name));
  if (unknown >= 0) throw new InvalidInput(`stages.${unknown}`, `this worker has no such stage, expected one of ${pipeline.join(', ')}`);
  const optional = [...optionalStages, ...own];
  const left = pipeline.filter((name) => stages.includes(name) || !optional.includes(name));
  if (left.join() === stages.join()) return stages;
  throw new InvalidInput('stages', `expected stages in the order ${pipeline.join(', ')}, with only ${optional.join(', ')} left out`);
}
