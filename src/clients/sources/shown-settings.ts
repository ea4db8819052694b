// Options and settings of a source, each with where it comes from.
import type { z } from 'zod';
import { canonicalJson } from '../../domain/canonical-json.js';
import { settingDefaults, settingNames, type SourceSettings } from '../../domain/source-settings.js';

export interface ShownValue {
  readonly value: unknown;
  readonly from: 'set' | 'default';
}

export type ShownValues = Readonly<Record<string, ShownValue>>;

/** `rawRetentionDays`: what workers do where nothing is set, as far as this environment tells. */
export function shownSettings(settings: SourceSettings, rawRetentionDays: number): ShownValues {
  const defaults = { ...settingDefaults, rawRetentionDays };
  return Object.fromEntries(
    settingNames.map((name) => [
      name,
      name in settings ? { value: settings[name], from: 'set' } : { value: defaults[name], from: 'default' },
    ]),
  );
}

/**
 * Options are kept whole, so that a default of a newer version changes no source that is there: an option whose value
 * is the schema's default is told as a default.
 */
export function shownOptions(options: Readonly<Record<string, unknown>>, schema: z.ZodType | undefined): ShownValues {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      { value, from: isDefault(name, options, schema) ? 'default' : 'set' },
    ]),
  );
}

function isDefault(name: string, options: Readonly<Record<string, unknown>>, schema: z.ZodType | undefined): boolean {
  const { [name]: value, ...others } = options;
  const parsed = schema?.safeParse(others);
  if (parsed?.success !== true) return false;
  const usual = (parsed.data as Record<string, unknown>)[name];
  return usual !== undefined && canonicalJson(usual) === canonicalJson(value);
}
