// The tributary.yaml of what is there: applied, it changes nothing. What a file cannot say is noted, and secrets are not in it.
import { Document } from 'yaml';
import { isReference, variableOf, type Field } from '../../config-file/sections.js';
import { currentEnvironment, type Config } from '../../config.js';
import { secretReference } from '../../domain/secret-reference.js';
import type { SourceSettings } from '../../domain/source-settings.js';
import type { SourceRegistry } from '../../sources/index.js';
import { spanText, type FoundSchedule } from '../schedules.js';
import { timesOf } from '../schedule-times.js';
import { shownOptions } from '../sources/shown-settings.js';
import type { ConfiguredSource } from '../../store/reading/configured-sources.js';
import type { FoundSource } from './found.js';

type Tree = Readonly<Record<string, unknown>>;

export interface Dump {
  readonly value: Tree;
  /** What the file cannot say. */
  readonly notes: readonly string[];
}

export function dumpOf(found: readonly FoundSource[], registry: SourceRegistry, sections: Dump): Dump {
  const notes = [...sections.notes];
  const sources = found.flatMap(({ row, schedule, run, id }): [string, Tree][] => {
    if (row === null) {
      if (schedule !== null) notes.push(`${id}: there is a schedule and no source; an apply ends it`);
      return [];
    }
    if (row.removal !== null) {
      notes.push(`${id}: is being removed, and is left out`);
      return [];
    }
    if (row.settings.mode === 'follow' && run === null)
      notes.push(`${id}: is followed and does not run now; an apply follows it again`);
    return [[id, entryOf(row, schedule, registry, notes)]];
  });
  return { value: { ...sections.value, sources: Object.fromEntries(sources) }, notes };
}

function entryOf(
  { id, type, options, settings, pause }: ConfiguredSource,
  schedule: FoundSchedule | null,
  registry: SourceRegistry,
  notes: string[],
): Tree {
  if (!registry.types.includes(type))
    notes.push(`${id}: the type ${type} is not known here, so it cannot be applied here`);
  const schema = registry.types.includes(type) ? registry.get(type).options : undefined;
  const set = Object.entries(shownOptions(options, schema)).filter(([, { from }]) => from === 'set');
  return withoutNothing({
    type,
    options: withoutEmpty(Object.fromEntries(set.map(([name, { value }]) => [name, value]))),
    ...followAndSettings(settings),
    schedule: schedule === null ? undefined : scheduleEntry(id, schedule, notes),
    paused: pause === null ? undefined : pauseEntry(pause.reason, pause.until),
  });
}

function followAndSettings({ mode, pollIntervalMs, ...others }: SourceSettings): Tree {
  const follows = mode === 'follow';
  return {
    follow:
      mode === undefined ? undefined : follows && pollIntervalMs !== undefined ? spanText(pollIntervalMs) : follows,
    settings: withoutEmpty({ ...(follows || pollIntervalMs === undefined ? {} : { pollIntervalMs }), ...others }),
  };
}

/** One that our words do not say, or that our bounds refuse, is left as it is. */
function scheduleEntry(id: string, { times, text, paused }: FoundSchedule, notes: string[]): Tree {
  const words =
    times === null
      ? null
      : withoutNothing({
          every: times.everyMs === undefined ? undefined : spanText(times.everyMs),
          cron: times.cron,
          timezone: times.timezone,
          jitter: times.jitterMs === undefined ? undefined : spanText(times.jitterMs),
        });
  if (words !== null && isTaken(words)) return paused ? { ...words, paused } : words;
  notes.push(`${id}: its schedule (${text}) cannot be written here; keep leaves it as it is`);
  return { keep: true };
}

function isTaken(words: Tree): boolean {
  try {
    timesOf(words);
    return true;
  } catch {
    return false;
  }
}

function pauseEntry(reason: string | null, until: string | null): unknown {
  if (reason === null && until === null) return true;
  return withoutNothing({
    reason: reason ?? undefined,
    until: until === null ? undefined : new Date(until).toISOString(),
  });
}

function withoutNothing(tree: Tree): Tree {
  return Object.fromEntries(Object.entries(tree).filter(([, value]) => value !== undefined));
}

function withoutEmpty(tree: Tree): Tree | undefined {
  return Object.keys(tree).length === 0 ? undefined : tree;
}

/** What the environment or the file sets of the processes; `said`: the file as it is written. */
export function dumpedSections(config: Config, said: Tree): Dump {
  const notes: string[] = [];
  const set = (Object.keys(variableOf) as Field[]).filter((field) => isSet(config, variableOf[field]));
  const value: Record<string, unknown> = {};
  for (const field of set) {
    const entry = sectionValue(field, config, said);
    if (entry === undefined)
      notes.push(`${field}: is set (${variableOf[field]}), and may hold a secret; it is left out`);
    else put(value, field.split('.'), entry);
  }
  return { value, notes };
}

function isSet({ file }: Config, variable: string): boolean {
  const inEnvironment = currentEnvironment[variable];
  return (
    (inEnvironment !== undefined && inEnvironment !== '') ||
    file?.settings.some((one) => one.variable === variable) === true
  );
}

function put(tree: Record<string, unknown>, [step, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) tree[step!] = value;
  else put((tree[step!] ??= {}) as Record<string, unknown>, rest, value);
}

/** Undefined: it cannot be told. */
function sectionValue(field: Field, config: Config, said: Tree): unknown {
  const { embed, secretsDirectory, databaseUrl = '' } = config;
  const values: Readonly<Record<Field, () => unknown>> = {
    'database.url': () => referenceOf(said) ?? (/@|[?&]/.test(databaseUrl) ? undefined : databaseUrl),
    'database.allowVolatile': () => config.allowVolatile,
    'temporal.address': () => config.temporalAddress,
    'temporal.namespace': () => config.temporalNamespace,
    'temporal.profile': () => config.temporalProfile,
    'temporal.configFile': () => config.temporalConfigFile,
    'temporal.taskQueue': () => config.taskQueue,
    'enrichment.off': () => config.enrichOff,
    'enrichment.embeddings.url': () => embed?.url,
    'enrichment.embeddings.model': () => embed?.model,
    'enrichment.embeddings.key': () => keyReference(embed?.key, secretsDirectory),
    'enrichment.embeddings.dimensions': () => embed?.dimensions,
    'enrichment.embeddings.fields': () => embed?.fields,
    'performance.memory': () => config.memoryBytes,
    'performance.recentHashes': () => config.recentHashesMax,
    'retention.rawRetentionDays': () => config.rawRetentionDays,
  };
  return values[field]();
}

/** Of a URL that the file names and the environment does not set. */
function referenceOf(said: Tree): string | undefined {
  const { url } = (said['database'] ?? {}) as { readonly url?: unknown };
  return typeof url === 'string' && isReference(url) && currentEnvironment['DATABASE_URL'] === undefined
    ? url
    : undefined;
}

function keyReference(key: string | undefined, folder: string): string | undefined {
  const named = key?.startsWith(`file:${folder}/`) === true ? `file:${key.slice(`file:${folder}/`.length)}` : key;
  return secretReference.safeParse(named).data;
}

/** As it is written to a file. Readers of YAML 1.1 take its texts for texts, too. */
export function dumpText({ value, notes }: Dump): string {
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1', aliasDuplicateObjects: false });
  document.commentBefore = [
    ' yaml-language-server: $schema=tributary.schema.json',
    ' The schema is printed by `tributary config schema`.',
    ...notes.map((note) => ` ${note}`),
  ].join('\n');
  return document.toString({ lineWidth: 0 });
}
