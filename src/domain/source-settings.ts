// The settings of a source say how it is read; its options say what is read. Only what somebody set is kept, under the
// names people write; what is not set has its default. A start names some of them in its argument, `tributary sources
// set` any.
import { z } from 'zod';
import { batchMax } from './batch.js';
import { limits } from '../limits.js';
import type { BatchPlan } from './plan.js';
import { priorityRules } from './priority.js';

/** Ten years: whoever wants raw pages for longer wants them for ever, and has the origin. */
const rawRetentionDaysMax = 3_650;

function wholeNumber(min: number, max: number, what = 'a whole number') {
  const expected = `expected ${what} from ${min} to ${max}`;
  return z.int(expected).min(min, expected).max(max, expected);
}

export const settingSchemas = {
  mode: z.enum(['once', 'follow'], 'expected "once" or "follow"'),
  /** Between the end of one look at a followed source and the next. */
  pollIntervalMs: wholeNumber(limits.pollIntervalMsMin, limits.pollIntervalMsMax, 'a whole number of milliseconds'),
  'batch.events': wholeNumber(1, batchMax.events),
  'batch.bytes': wholeNumber(1, batchMax.bytes),
  'batch.inFlight': wholeNumber(1, batchMax.inFlight),
  /** Which there are is the worker's to say. */
  stages: z.array(z.string().max(limits.optionCharsMax), { error: 'expected a list of stages' }).max(limits.stagesMax),
  priorities: priorityRules,
  /** Raw pages are kept so long after their commit. */
  rawRetentionDays: wholeNumber(0, rawRetentionDaysMax, 'a whole number of days'),
} as const;

export type SettingName = keyof typeof settingSchemas;
export const settingNames = Object.keys(settingSchemas) as SettingName[];

export type SourceSettings = { readonly [Name in SettingName]?: z.infer<(typeof settingSchemas)[Name]> };
/** Null: back to the default. What is not named stays. */
export type SettingsChange = { readonly [Name in SettingName]?: SourceSettings[Name] | null };

/** What holds where nothing is set; for stages all there are, for raw pages what the worker's environment says. */
export const settingDefaults: Readonly<Record<SettingName, unknown>> = {
  mode: 'once',
  pollIntervalMs: limits.pollIntervalMs,
  'batch.events': batchMax.events,
  'batch.bytes': batchMax.bytes,
  'batch.inFlight': batchMax.inFlight,
  stages: null,
  priorities: [],
  rawRetentionDays: limits.rawRetentionDays,
};

export function changedSettings(before: SourceSettings, change: SettingsChange): SourceSettings {
  const merged = Object.entries({ ...before, ...change }).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(merged);
}

/** How fast a source is read: what a follower takes up with its next look. */
export interface Pace {
  readonly batch: BatchPlan;
  readonly pollIntervalMs: number;
}

export function paceOf(settings: SourceSettings): Pace {
  return {
    batch: {
      events: settings['batch.events'] ?? limits.pageEventsMax,
      bytes: settings['batch.bytes'] ?? limits.pageBytesMax,
      inFlight: settings['batch.inFlight'] ?? limits.pagesInFlightMax,
    },
    pollIntervalMs: settings.pollIntervalMs ?? limits.pollIntervalMs,
  };
}
