// The one argument of `syncSource`, as people write it in the Temporal CLI, our CLI or a Schedule.
import { z } from 'zod';
import { limits } from '../limits.js';
import { InvalidInput } from './errors.js';
import { parseInput } from './parse.js';
import { sourceIdSchema } from './source-id.js';
import type { Revision } from './source-revision.js';
import { settingSchemas, type SettingsChange } from './source-settings.js';

/** The built-in stages; a worker's own ones come before persist. */
export const stageNames = ['validate', 'hash', 'deduplicate', 'enrich', 'persist'] as const;
export type StageName = (typeof stageNames)[number];

/** Built-in, too, but only there when the worker is set up for them; after its own stages, so that what those drop is not embedded. */
export const configuredStages: readonly string[] = ['embed'];

const optionalStages: readonly string[] = ['enrich'];

/** Null: back to the default. */
function unsettable<Schema extends z.ZodType>(schema: Schema) {
  return schema.nullable().optional();
}

const settings = {
  mode: unsettable(settingSchemas.mode),
  pollIntervalMs: unsettable(settingSchemas.pollIntervalMs),
  batch: z
    .strictObject({
      events: unsettable(settingSchemas['batch.events']),
      bytes: unsettable(settingSchemas['batch.bytes']),
      inFlight: unsettable(settingSchemas['batch.inFlight']),
    })
    .optional(),
  stages: unsettable(settingSchemas.stages),
  priorities: unsettable(settingSchemas.priorities),
  rawRetentionDays: unsettable(settingSchemas.rawRetentionDays),
  /** A person says that what the origin no longer has is gone, however much it is. Holds for the first look of this start, and is no setting. */
  acceptDeletions: z.boolean('expected true or false').optional(),
};

/** Of a source that is known, those named change and the others stay; null unsets one. */
const options = z.record(z.string(), z.unknown());

const newSource = z.strictObject({
  source: z.strictObject({ type: z.string().min(1), id: sourceIdSchema.optional(), options: options.default({}) }),
  ...settings,
});

const knownSource = z.strictObject({ sourceId: sourceIdSchema, options: options.optional(), ...settings });

export type SyncInput = z.infer<typeof newSource> | z.infer<typeof knownSource>;

/** `ownStages` are those this worker has beside the built-in ones. Throws InvalidInput that names the field. */
export function parseSyncInput(value: unknown, ownStages: readonly string[] = []): SyncInput {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidInput(
      'input',
      'expected one JSON object like {"sourceId":"acme/api"} or {"source":{"type":"git","options":{"url":"…"}}}',
    );
  }
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes > limits.inputBytesMax)
    throw new InvalidInput('input', `has ${bytes} bytes, expected at most ${limits.inputBytesMax}`);
  const input = 'sourceId' in value ? parseInput(knownSource, value) : parseInput(newSource, value);
  chosenStages(input, ownStages);
  return input;
}

/** What a start says of the source: the rest of it stays as it is. */
export function revisionOf(input: SyncInput): Revision {
  const { batch = {}, mode, pollIntervalMs, stages, priorities, rawRetentionDays } = input;
  const sizes = Object.entries(batch).map(([name, value]) => [`batch.${name}`, value]);
  const all = { mode, pollIntervalMs, ...Object.fromEntries(sizes), stages, priorities, rawRetentionDays };
  const named = Object.entries(all).filter(([, value]) => value !== undefined);
  const given = 'sourceId' in input ? (input.options ?? {}) : input.source.options;
  return { options: given, settings: Object.fromEntries(named) as SettingsChange };
}

/** The pipeline of a worker: the built-in stages, with its own before persist. */
export function pipelineOf(own: readonly string[]): string[] {
  return [...stageNames.slice(0, -1), ...own, 'persist'];
}

/** The stages of a run: all the worker has, or those asked for. Throws InvalidInput that names the field. */
export function chosenStages(
  { stages }: { readonly stages?: readonly string[] | null | undefined },
  own: readonly string[],
): readonly string[] {
  const pipeline = pipelineOf(own);
  if (stages === undefined || stages === null) return pipeline;
  const unknown = stages.findIndex((name) => !pipeline.includes(name));
  if (unknown >= 0)
    throw new InvalidInput(
      `stages.${unknown}`,
      `this worker has no such stage, expected one of ${pipeline.join(', ')}`,
    );
  const optional = [...optionalStages, ...own];
  const left = pipeline.filter((name) => stages.includes(name) || !optional.includes(name));
  if (left.join() === stages.join()) return stages;
  throw new InvalidInput(
    'stages',
    `expected stages in the order ${pipeline.join(', ')}, with only ${optional.join(', ')} left out`,
  );
}
