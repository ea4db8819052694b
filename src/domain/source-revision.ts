// What a start, or a person, changes of a source: some options, some settings, and nothing else of it. Null unsets.
import type { z } from 'zod';
import { canonicalJson } from './canonical-json.js';
import { InvalidInput } from './errors.js';
import { knownKeys, parseInput } from './parse.js';
import { changedSettings, type SettingsChange, type SourceSettings } from './source-settings.js';

type Options = Readonly<Record<string, unknown>>;

export interface Configured {
  readonly options: Options;
  readonly settings: SourceSettings;
}

export interface Revision {
  readonly options: Options;
  readonly settings: SettingsChange;
}

/** By the name people write: `mode`, `batch.events`, `options.url`. Null is what was not set. */
export type Changed = Readonly<Record<string, readonly [from: unknown, to: unknown]>>;

/** `schema` is that of the source's options. Throws InvalidInput that names the field, and what it would be then. */
export function revised(before: Configured, revision: Revision, schema: z.ZodType, at = 'source.options'): Configured {
  const options = parseInput(schema, withoutUnset({ ...before.options, ...revision.options }, schema, at), at);
  return { options: options as Options, settings: changedSettings(before.settings, revision.settings) };
}

/** Those that have a value. One that is unset must be one there is. */
export function withoutUnset(options: Options, schema: z.ZodType, at: string): Options {
  const known = knownKeys(schema);
  const unset = Object.keys(options).filter((name) => options[name] === null);
  const unknown = known.length === 0 ? undefined : unset.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new InvalidInput(
      at === '' ? unknown : `${at}.${unknown}`,
      `is not an option here; expected one of ${known.join(', ')}`,
    );
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== null));
}

/** Of what the revision names: a default that a newer version brought is nobody's change. */
export function changesOf(before: Configured, after: Configured, revision: Revision): Changed {
  const settings = Object.keys(revision.settings).map((name) => [name, before.settings, after.settings, name] as const);
  const options = Object.keys(revision.options).map(
    (name) => [`options.${name}`, before.options, after.options, name] as const,
  );
  const pairs = [...settings, ...options].map(
    ([field, from, to, name]) => [field, [valueOf(from, name), valueOf(to, name)]] as const,
  );
  return Object.fromEntries(pairs.filter(([, [from, to]]) => canonicalJson(from) !== canonicalJson(to)));
}

function valueOf(values: object, name: string): unknown {
  return (Object.hasOwn(values, name) ? (values as Record<string, unknown>)[name] : undefined) ?? null;
}
