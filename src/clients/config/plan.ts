// What has to be done so that there is what tributary.yaml says. Pure: `config plan` tells it, `config apply` does it, and what
// there is already is not in it.
import { canonicalJson } from '../../domain/canonical-json.js';
import { InvalidInput } from '../../domain/errors.js';
import { knownKeys } from '../../domain/parse.js';
import type { Pause } from '../../domain/pause.js';
import { changesOf, type Changed, type Configured, type Revision } from '../../domain/source-revision.js';
import { settingNames, type SettingsChange, type SourceSettings } from '../../domain/source-settings.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { ConfiguredSource } from '../../store/reading/configured-sources.js';
import { isAny, laterFields } from '../sources/changed-text.js';
import { revisedAs } from '../sources/setting-words.js';
import { textOfTimes, type ScheduleTimes } from '../schedules.js';
import { orderOf, type SyncOrder } from '../sync/source-input.js';
import type { FoundSource } from './found.js';
import type { WantedSource } from './wanted.js';

export type Change = { readonly source: string } & (
  | { readonly change: 'create'; readonly order: SyncOrder; readonly wanted: WantedSource }
  | { readonly change: 'set'; readonly revision: Revision; readonly changed: Changed }
  /** `restart`: what is at work was opened with something else, and is ended first. */
  | { readonly change: 'follow'; readonly restart: boolean; readonly everyMs: number | null }
  | { readonly change: 'end follow' }
  | { readonly change: 'schedule'; readonly times: ScheduleTimes; readonly before: string | null }
  | { readonly change: 'pause schedule' | 'resume schedule' }
  | { readonly change: 'end schedule'; readonly before: string }
  | { readonly change: 'pause'; readonly pause: Pause }
  | { readonly change: 'resume' }
  /** With all its events. */
  | { readonly change: 'remove'; readonly events: number }
);

export interface Plan {
  readonly changes: readonly Change[];
  /** What a person may want to know, and nothing is done about. */
  readonly notes: readonly string[];
}

/** Who pauses by the file. A pause of theirs ends with the line that says it; one of a person's stays. */
export const byFile = 'tributary.yaml';

export interface Question {
  readonly wanted: readonly WantedSource[];
  readonly found: readonly FoundSource[];
  readonly registry: SourceRegistry;
  readonly prune: boolean;
  /** Tells what is refused of a source where the file says it; the field is one of its entry. */
  readonly of: <T>(source: string, work: () => T) => T;
}

/** Throws InvalidInput for a source that cannot become what is wanted. */
export function planOf({ wanted, found, registry, prune, of }: Question): Plan {
  const byId = new Map(found.map((one) => [one.id, one]));
  const named = new Set(wanted.map(({ id }) => id));
  const notes: string[] = [];
  const changes = [
    ...wanted.flatMap((one) => of(one.id, () => changesTo(one, byId.get(one.id) ?? nothing(one.id), registry, notes))),
    ...found.filter(({ id }) => !named.has(id)).flatMap((one) => leaving(one, prune, notes)),
  ];
  return { changes, notes };
}

function nothing(id: string): FoundSource {
  return { id, row: null, schedule: null, run: null };
}

function changesTo(wanted: WantedSource, found: FoundSource, registry: SourceRegistry, notes: string[]): Change[] {
  const { row, run } = found;
  if (row === null) return [...creation(wanted, run !== null, registry), ...scheduleChanges(wanted, found, notes)];
  if (row.removal !== null)
    throw new InvalidInput(
      'id',
      `${wanted.id} is being removed; \`tributary sources remove ${wanted.id} --${row.removal}-events\` finishes it`,
    );
  const { change, after } = revision(wanted, row, registry);
  const pauses = pauseChanges(wanted, row, notes);
  return [
    // A pause first, so that nothing that starts here reads; its end last, so that all is as it shall be.
    ...pauses.filter((one) => one.change === 'pause'),
    ...change,
    ...runChanges(wanted, found, after),
    ...scheduleChanges(wanted, found, notes),
    ...pauses.filter((one) => one.change === 'resume'),
  ];
}

/** One that was started and is not opened yet is there. */
function creation(wanted: WantedSource, started: boolean, registry: SourceRegistry): Change[] {
  const { id: source, type, given, settings, pause } = wanted;
  if (started) return [];
  const order = orderOf(registry, { type, id: source, options: given }, saidAtStart(settings));
  const create: Change = { change: 'create', source, order, wanted };
  return pause === undefined || pause === false
    ? [create]
    : [create, { change: 'pause', source, pause: { ...pause, by: byFile } }];
}

/** As the argument of a start has them: `batch.events` is `events` of `batch`. */
function saidAtStart(settings: SourceSettings): object {
  const said: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(settings)) {
    const [group, part] = name.split('.') as [string, string?];
    said[group] = part === undefined ? value : { ...(said[group] as object | undefined), [part]: value };
  }
  return said;
}

function revision(
  { id: source, type, given, options, settings }: WantedSource,
  row: ConfiguredSource,
  registry: SourceRegistry,
): { readonly change: Change[]; readonly after: Configured } {
  if (type !== row.type)
    throw new InvalidInput(
      'type',
      `${source} is a ${row.type} source of ${row.origin}; what a source is is fixed, expected another id`,
    );
  const names = new Set([
    ...knownKeys(registry.get(type).options),
    ...Object.keys(row.options),
    ...Object.keys(options),
  ]);
  const differing = [...names].filter((name) => !same(own(row.options, name), own(options, name)));
  const unset = settingNames.filter((name) => !same(row.settings[name], settings[name]));
  const change: Revision = {
    options: Object.fromEntries(differing.map((name) => [name, own(given, name) ?? null])),
    settings: Object.fromEntries(unset.map((name) => [name, settings[name] ?? null])) as SettingsChange,
  };
  const after = revisedAs(registry, change)(row);
  const changed = changesOf(row, after, change);
  return { change: isAny(changed) ? [{ change: 'set', source, revision: change, changed }] : [], after };
}

function own(values: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function same(one: unknown, other: unknown): boolean {
  return canonicalJson(one ?? null) === canonicalJson(other ?? null);
}

/** A follower goes by what it was opened with, but for its pace. One that reads once is left to end. */
function runChanges({ id: source, settings }: WantedSource, { row, run }: FoundSource, after: Configured): Change[] {
  const everyMs = settings.pollIntervalMs ?? null;
  if (settings.mode !== 'follow') return isFollowed(row, run) ? [{ change: 'end follow', source }] : [];
  if (run === null) return [{ change: 'follow', source, restart: false, everyMs }];
  const { opened } = run;
  // It opens with what is set by then.
  if (opened === null) return [];
  const fields = [
    ...settingNames,
    ...Object.keys({ ...opened.options, ...after.options }).map((name) => `options.${name}`),
  ];
  const stale = laterFields(fields).some((field) => !same(valueAt(opened, field), valueAt(after, field)));
  return stale ? [{ change: 'follow', source, restart: true, everyMs }] : [];
}

function valueAt({ options, settings }: Configured, field: string): unknown {
  return field.startsWith('options.')
    ? own(options, field.slice('options.'.length))
    : own(settings as Readonly<Record<string, unknown>>, field);
}

/** By what it was opened with; one that is not opened yet goes by what is set. */
function isFollowed(row: ConfiguredSource | null, run: FoundSource['run']): boolean {
  return run !== null && (run.opened ?? row)?.settings.mode === 'follow';
}

function scheduleChanges({ id: source, schedule }: WantedSource, found: FoundSource, notes: string[]): Change[] {
  const { schedule: before } = found;
  if (schedule === 'keep') return [];
  if (schedule === null) return endOfSchedule(found);
  const { paused, ...times } = schedule;
  const changes: Change[] = [];
  const set = before === null || before.times === null ? null : textOfTimes(before.times);
  if (set !== textOfTimes(times)) changes.push({ change: 'schedule', source, times, before: before?.text ?? null });
  const isPaused = before?.paused ?? false;
  if (paused === true && !isPaused) changes.push({ change: 'pause schedule', source });
  if (paused !== true && isPaused) {
    if (paused === false || before?.note === byFile) changes.push({ change: 'resume schedule', source });
    else notes.push(`${source}: its schedule was paused by a person, and stays so; \`paused: false\` ends that`);
  }
  return changes;
}

function endOfSchedule({ id: source, schedule }: FoundSource): Change[] {
  return schedule === null ? [] : [{ change: 'end schedule', source, before: schedule.text }];
}

function pauseChanges(
  { id: source, pause: wanted }: WantedSource,
  { pause }: ConfiguredSource,
  notes: string[],
): Change[] {
  if (wanted === undefined || wanted === false) {
    if (pause === null) return [];
    if (wanted === false || pause.by === byFile) return [{ change: 'resume', source }];
    notes.push(`${source}: was paused by ${pause.by ?? 'a person'}, and stays so; \`paused: false\` ends that`);
    return [];
  }
  const isSo = pause !== null && same(pause.reason, wanted.reason) && sameMoment(pause.until, wanted.until);
  return isSo ? [] : [{ change: 'pause', source, pause: { ...wanted, by: byFile } }];
}

function sameMoment(one: string | null, other: string | null): boolean {
  return one === null || other === null ? one === other : Date.parse(one) === Date.parse(other);
}

/** A source that the file does not name any more: nothing starts it by itself. What is stored stays, unless a person says otherwise. */
function leaving(found: FoundSource, prune: boolean, notes: string[]): Change[] {
  const { id: source, row, run } = found;
  if (row !== null && prune) return [{ change: 'remove', source, events: row.events }];
  if (row !== null && row.removal !== null) {
    notes.push(
      `${source}: is being removed; \`tributary sources remove ${source} --${row.removal}-events\` finishes it`,
    );
    return [];
  }
  const follows = row?.settings.mode === 'follow';
  const settings = { mode: null } as const;
  const unset: Change[] = follows
    ? [{ change: 'set', source, revision: { options: {}, settings }, changed: { mode: ['follow', null] } }]
    : [];
  const ended: Change[] = isFollowed(row, run) ? [{ change: 'end follow', source }] : [];
  return [...unset, ...ended, ...endOfSchedule(found)];
}
