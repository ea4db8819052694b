// What tributary.yaml says of sources, checked: each option by its type's own schema, with the place of everything that is
// wrong. Nothing is asked of a server here.
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { InvalidInput, isEngineError } from '../../domain/errors.js';
import { instantOf } from '../../domain/instant.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { withoutUnset } from '../../domain/source-revision.js';
import { settingSchemas, type SourceSettings } from '../../domain/source-settings.js';
import type { Source } from '../../domain/source.js';
import type { SourceRegistry } from '../../sources/index.js';
import { checkedPart, choiceWords, refusal, type Placed } from '../../config-file/problems.js';
import type { Path } from '../../config-file/yaml-text.js';
import { interval } from '../../queries/option-values.js';
import { timesOf } from '../schedule-times.js';
import type { ScheduleTimes } from '../schedules.js';
import { entryHints, sourceEntry, type SourceEntry } from './source-entry.js';

export interface WantedSource {
  readonly id: string;
  readonly type: string;
  /** As they are given, places absolute. */
  readonly given: Readonly<Record<string, unknown>>;
  /** With defaults. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly origin: string;
  /** All of them: what is not here is not set. */
  readonly settings: SourceSettings;
  /** `keep`: nobody says anything of it. */
  readonly schedule: WantedSchedule | 'keep' | null;
  readonly pause: WantedPause;
}

export interface WantedSchedule extends ScheduleTimes {
  /** Undefined: no word of it. */
  readonly paused: boolean | undefined;
}

/** False: not paused; undefined: no word of it, so a pause of a person stays. */
export type WantedPause = { readonly reason: string | null; readonly until: string | null } | false | undefined;

/** Undefined: the file says nothing of sources. Throws InvalidInput that names file, line, column and field. */
export function wantedSources(placed: Placed, registry: SourceRegistry, now: Date): WantedSource[] | undefined {
  const { sources } = placed.value as { readonly sources?: unknown };
  if (sources === undefined) return undefined;
  // An empty list ends what there is, so nobody writes one by leaving something out.
  if (typeof sources !== 'object' || sources === null || Array.isArray(sources))
    throw refusal(placed, [
      { path: ['sources'], message: 'expected a map of sources by id; {} says that there is none' },
    ]);
  return Object.entries(sources).map(([id, value]) => {
    const path: Path = ['sources', id];
    within(placed, path, () => parseInput(sourceIdSchema, id, 'id'), 'name');
    return wantedSource({ ...placed, value }, path, id, registry, now);
  });
}

function wantedSource(placed: Placed, path: Path, id: string, registry: SourceRegistry, now: Date): WantedSource {
  const entry = checkedPart(sourceEntry, placed, path, entryHints);
  const { type } = entry;
  if (!registry.types.includes(type))
    throw refusal(placed, [
      { path: [...path, 'type'], message: `no such type here; ${choiceWords(type, registry.types)}` },
    ]);
  const source = registry.get(type);
  const at: Path = [...path, 'options'];
  const given = withAbsolutePlace(source, entry.options ?? {}, dirname(placed.file));
  const options = optionsOf(source, { ...placed, value: given }, at);
  return {
    id,
    type,
    given,
    options,
    origin: within(placed, at, () => source.origin(options)),
    settings: within(placed, path, () => settingsOf(entry)),
    schedule: within(placed, [...path, 'schedule'], () => scheduleOf(entry)),
    pause: within(placed, [...path, 'paused'], () => pauseOf(entry, now)),
  };
}

/** What is refused by code of ours that knows no file, told where it stands. */
export function within<T>(placed: Placed, path: Path, work: () => T, of: 'name' | 'value' = 'value'): T {
  try {
    return work();
  } catch (error) {
    if (!isEngineError(error) || error.next !== 'refuse') throw error;
    const { field, message } = error;
    const steps = of === 'name' ? [] : field.split('.');
    throw refusal(placed, [{ path: [...path, ...steps], message: message.slice(field.length + ': '.length), of }]);
  }
}

function optionsOf({ options: schema }: Source, placed: Placed, at: Path): Readonly<Record<string, unknown>> {
  const value = within(placed, at, () => withoutUnset(placed.value as Record<string, unknown>, schema, ''));
  try {
    return checkedPart(schema, { ...placed, value }, at) as Readonly<Record<string, unknown>>;
  } catch (error) {
    if (isEngineError(error)) throw error;
    // A check of an extension's that throws.
    return within(placed, at, () => parseInput(schema, value)) as Readonly<Record<string, unknown>>;
  }
}

/** A path of the file is one from its folder: a worker has another, and so has whoever applies it from elsewhere. */
function withAbsolutePlace(source: Source, options: Readonly<Record<string, unknown>>, folder: string) {
  const { argument } = source;
  const place = argument === undefined ? undefined : options[argument];
  if (argument === undefined || typeof place !== 'string') return options;
  if (place === '~' || place.startsWith('~/')) return { ...options, [argument]: resolve(homedir(), place.slice(2)) };
  return /^\.\.?(\/|$)/.test(place) ? { ...options, [argument]: resolve(folder, place) } : options;
}

function settingsOf({ follow, settings = {} }: SourceEntry): SourceSettings {
  const { pollIntervalMs, ...others } = settings as Readonly<Record<string, unknown>>;
  const every = typeof follow === 'string' ? follow : pollIntervalMs;
  if (typeof follow === 'string' && pollIntervalMs !== undefined)
    throw new InvalidInput('settings.pollIntervalMs', 'is said by follow as well; expected one of them');
  const field = typeof follow === 'string' ? 'follow' : 'settings.pollIntervalMs';
  const ms = typeof every === 'string' ? interval(field, every) : every;
  return {
    ...(follow === undefined ? {} : { mode: follow === false ? 'once' : 'follow' }),
    ...(ms === undefined ? {} : { pollIntervalMs: parseInput(settingSchemas.pollIntervalMs, ms, field) }),
    ...Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)),
  };
}

function scheduleOf({ schedule }: SourceEntry): WantedSource['schedule'] {
  if (schedule === undefined) return null;
  const { keep, paused, ...words } = schedule;
  const said = Object.keys(words).length > 0 || paused !== undefined;
  if (keep === true) {
    if (said) refuse('keep', 'says that nothing of it is said; expected it alone');
    return 'keep';
  }
  if (words.every === undefined && words.cron === undefined) refuse('every', 'is missing; expected every or cron');
  // Temporal makes an interval of it, and forgets the text.
  if (words.cron?.trim().startsWith('@every') === true) refuse('cron', 'is an interval; expected `every: 5m`');
  return { ...timesOf({ ...words, cron: words.cron?.trim() }), paused };
}

function pauseOf({ paused }: SourceEntry, now: Date): WantedPause {
  if (paused === undefined || paused === false) return paused;
  if (paused === true) return { reason: null, until: null };
  const { reason = null, until } = paused;
  if (until === undefined) return { reason, until: null };
  const instant = instantOf(until) ?? refuse('until', 'expected a time like 2026-01-31T12:00:00Z');
  const end = new Date(instant);
  return end <= now ? undefined : { reason, until: end.toISOString() };
}

function refuse(field: string, message: string): never {
  throw new InvalidInput(field, message);
}
