// A source in tributary.yaml, as it is written. Its options are checked by the schema of its type.
import { z } from 'zod';
import { limits } from '../../limits.js';
import { settingSchemas } from '../../domain/source-settings.js';

const time = z
  .string('expected a time like 500ms, 30s, 5m, 1.5h or 2d')
  .regex(/^\d{1,12}(\.\d{1,3})?(ms|s|m|h|d|w)$/, 'expected a time like 500ms, 30s, 5m, 1.5h or 2d');

/** As `tributary schedule` takes them; src/clients/schedule-times.ts checks them. */
const schedule = z.strictObject(
  {
    every: time.optional().describe('interval: 30s, 5m, 1.5h, 2d'),
    cron: z.string('expected text like "*/5 1 * * *"').max(200).optional().describe('minute hour day month weekday'),
    timezone: z
      .string('expected text like Europe/Berlin')
      .max(100)
      .optional()
      .describe('of the cron expression; UTC without it'),
    jitter: time.optional().describe('start up to this much later'),
    paused: z.boolean('expected true or false').optional().describe('start nothing; a running sync goes on'),
    keep: z.literal(true, 'expected true').optional().describe('whatever schedule there is, by whomever'),
  },
  'expected a map like {every: 5m}',
);

const pause = z.union(
  [
    z.boolean(),
    z.strictObject({
      reason: z.string('expected text').max(limits.optionCharsMax).optional().describe('for whoever finds it paused'),
      until: z.string('expected a time like 2026-01-31T12:00:00Z').optional().describe('a time with its zone'),
    }),
  ],
  'expected true, false, or a map like {reason: text}',
);

/** `follow` says the mode; the interval as a person writes it. */
const { mode: _, ...others } = settingSchemas;
const pollIntervalMs = z.union([z.int(), time], 'expected milliseconds or a time like 10s');
const settings = z.strictObject(
  Object.fromEntries(
    Object.entries({ ...others, pollIntervalMs }).map(([name, schema]) => [name, (schema as z.ZodType).optional()]),
  ),
  'expected a map of settings like {batch.events: 5000}',
);

export const sourceEntry = z.strictObject(
  {
    type: z
      .string('expected the type of the source, like git')
      .min(1)
      .describe('type of the source; `tributary types` lists them'),
    options: z
      .record(z.string(), z.unknown(), 'expected a map of options like {url: https://…}')
      .optional()
      .describe('options of the type; what is not named has its default'),
    follow: z
      .union([z.boolean(), time], 'expected true, false, or a time like 10s')
      .optional()
      .describe('look for more again and again, this long after each look'),
    schedule: schedule.optional().describe('sync it by a Temporal Schedule'),
    paused: pause.optional().describe('wait, whoever starts it; false ends a pause of whomever'),
    settings: settings.optional().describe('settings of the source, as `tributary sources set` has them'),
  },
  'expected a map like {type: git, options: {url: https://…}}',
);

export type SourceEntry = z.infer<typeof sourceEntry>;

/** What to say of names that are nothing here, and that somebody may well write. */
export const entryHints: Readonly<Record<string, string>> = {
  mode: 'is no setting of a file; `follow: true` says it',
  id: 'is the name that the source stands under',
  url: 'is an option; expected it under options',
  path: 'is an option; expected it under options',
  every: 'is nothing here; expected follow: 10s, or schedule: {every: 5m}',
  cron: 'is nothing here; expected it under schedule',
  priorities: 'is a setting; expected it under settings',
  rawRetentionDays: 'is a setting; expected it under settings',
};
