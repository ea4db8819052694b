// Plans without a server: whatever there is, its dump changes nothing; whatever is wanted, done once it is not wanted again.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dumpOf, dumpText } from '../../../src/clients/config/dump.js';
import type { FoundSource } from '../../../src/clients/config/found.js';
import { byFile, planOf, type Change } from '../../../src/clients/config/plan.js';
import { wantedSources, type WantedSource } from '../../../src/clients/config/wanted.js';
import { textOfTimes, type FoundSchedule, type ScheduleTimes } from '../../../src/clients/schedules.js';
import { readYaml } from '../../../src/config-file/yaml-text.js';
import { changedSettings, type SettingsChange, type SourceSettings } from '../../../src/domain/source-settings.js';
import { createRegistry } from '../../../src/sources/index.js';
import type { ConfiguredSource } from '../../../src/store/reading/configured-sources.js';

const registry = createRegistry();
const now = new Date('2026-01-01T00:00:00Z');
const of = <T>(_: string, work: () => T): T => work();

function wantedOf(text: string): WantedSource[] {
  const { value, place } = readYaml(text, '/srv/tributary.yaml');
  return wantedSources({ file: '/srv/tributary.yaml', value, place }, registry, now)!;
}

const whole = (min: number, max: number) => fc.integer({ min, max });
const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });

const settings: fc.Arbitrary<SourceSettings> = fc
  .record({
    mode: optional(fc.constantFrom('once' as const, 'follow' as const)),
    pollIntervalMs: optional(whole(100, 604_800_000)),
    'batch.events': optional(whole(1, 1_000)),
    'batch.bytes': optional(whole(1, 100_000)),
    'batch.inFlight': optional(whole(1, 4)),
    priorities: optional(fc.array(fc.record({ type: word, priority: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const) }), { maxLength: 3 })),
    rawRetentionDays: optional(whole(0, 3_650)),
  })
  .map((all) => changedSettings({}, all as SettingsChange)); // prettier-ignore

const options = fc.oneof(
  fc
    .record({ events: whole(0, 1_000), seed: whole(0, 99), hostile: fc.boolean() })
    .map((given) => ({ type: 'synthetic', given: given as Record<string, unknown> })),
  fc
    .record({
      url: fc.constantFrom('https://acme.example/a b.git', '/srv/no', 'git@acme.example:x', '/srv/\'q"#: {}'),
      renames: fc.boolean(),
      refs: fc.array(fc.constantFrom('refs/heads/*', 'refs/tags/v*', 'HEAD'), { minLength: 1, maxLength: 2 }),
    })
    .map((given) => ({ type: 'git', given: given as Record<string, unknown> })),
);

const jitterMs = optional(whole(1, 1_000_000));
const times: fc.Arbitrary<ScheduleTimes | null> = fc.oneof(
  fc.constant(null),
  fc.record({ everyMs: whole(1, 31_622_400_000), cron: fc.constant(undefined), timezone: fc.constant(undefined), jitterMs }),
  fc.record({ everyMs: fc.constant(undefined), cron: fc.constantFrom('*/5 1 * * *', '@daily', '0 0 * * mon'), timezone: optional(fc.constantFrom('Europe/Berlin', 'UTC')), jitterMs }),
); // prettier-ignore

const schedule: fc.Arbitrary<FoundSchedule | null> = fc.option(
  fc.record({ times, paused: fc.boolean(), note: fc.constantFrom(null, 'night', byFile) }),
).map((one) => one === null ? null : { ...one, text: one.times === null ? 'by calendar' : textOfTimes(one.times) }); // prettier-ignore

const pause = fc.option(
  fc.record({
    reason: fc.option(word),
    until: fc.option(fc.constantFrom('2027-01-01T00:00:00.000Z', '2031-05-05T05:05:05+00:00')),
    by: fc.constantFrom(null, 'ana', byFile),
  }),
);

const id = fc.constantFrom(
  'acme/api',
  'no',
  '1.10',
  '__proto__',
  'constructor',
  'null',
  '0x1f',
  'a/b.c',
  '-',
  '~a'.slice(1),
);

const found: fc.Arbitrary<FoundSource[]> = fc.uniqueArray(
  fc
    .record({ id, options, settings, schedule, pause, running: fc.constantFrom('no', 'opened', 'not yet') })
    .map(({ id: source, options: { type, given }, settings: set, schedule: times, pause: paused, running }) => {
      const parsed = registry.get(type).options.parse(given) as Record<string, unknown>;
      const row: ConfiguredSource = {
        id: source,
        type,
        options: parsed,
        settings: set,
        origin: registry.get(type).origin(parsed),
        identityVersion: 1,
        canonicaliserVersion: 1,
        removal: null,
        removedAt: null,
        events: 7,
        pause: paused,
        run: null,
      };
      // A follower that is set and does not run is a difference, and not one of the file's.
      const works = running === 'no' && set.mode !== 'follow' ? null : { opened: running === 'opened' ? { options: parsed, settings: set } : null };
      return { id: source, row, schedule: times, run: works };
    }),
  { selector: (one) => one.id, maxLength: 4 },
); // prettier-ignore

function dumped(there: readonly FoundSource[]): string {
  return dumpText(dumpOf(there, registry, { value: {}, notes: [] }));
}

test('the dump of whatever there is changes nothing when it is applied', () => {
  fc.assert(
    fc.property(found, (there) => {
      const wanted = wantedOf(dumped(there));
      expect(wanted.map((one) => one.id)).toHaveLength(there.length);
      expect(planOf({ wanted, found: there, registry, prune: true, of }).changes).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('a dump says of a follower that was stopped that an apply follows it again', () => {
  const row = fc
    .sample(found, { numRuns: 200, seed: 1 })
    .flat()
    .find((one) => one.row!.settings.mode === 'follow')!;
  const note = `${row.id}: is followed and does not run now; an apply follows it again`;
  const notes = (run: FoundSource['run']) => dumpOf([{ ...row, run }], registry, { value: {}, notes: [] }).notes;
  expect(notes(null)).toContain(note);
  expect(notes({ opened: null })).not.toContain(note);
});

test('a plan that is done, in part or whole and then whole, leaves nothing to do', () => {
  fc.assert(
    fc.property(found, found, fc.boolean(), fc.nat(), (there, goal, prune, cut) => {
      // Ids of one kind stay of one kind: the origin of a source is fixed.
      const before = there.filter((one) => {
        const same = goal.find((other) => other.id === one.id)?.row;
        return same === undefined || same?.origin === one.row?.origin;
      });
      const wanted = wantedOf(dumped(goal));
      const plan = (now: readonly FoundSource[]) => planOf({ wanted, found: now, registry, prune, of }).changes;
      const first = plan(before);
      const halfway = first.slice(0, cut % (first.length + 1)).reduce(done, before);
      const after = plan(halfway).reduce(done, halfway);
      expect(plan(after)).toEqual([]);
      expect(plan(first.reduce(done, before))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

/** What a change does, as far as a plan looks at it. */
function done(there: readonly FoundSource[], change: Change): FoundSource[] {
  const old = there.find((one) => one.id === change.source) ?? {
    id: change.source,
    row: null,
    schedule: null,
    run: null,
  };
  const next = changed(old, change);
  return [...there.filter((one) => one !== old), ...(next === null ? [] : [next])];
}

function changed(old: FoundSource, change: Change): FoundSource | null {
  const { row, schedule: times } = old;
  switch (change.change) {
    case 'create': {
      const { options: made, settings: set, id: source, type, origin } = change.wanted;
      const created = { id: source, type, origin, options: made, settings: set, identityVersion: 1, canonicaliserVersion: 1, removal: null, removedAt: null, events: 0, pause: null, run: null }; // prettier-ignore
      return { ...old, row: created, run: set.mode === 'follow' ? { opened: { options: made, settings: set } } : null };
    }
    case 'set': {
      const given = Object.fromEntries(Object.entries({ ...row!.options, ...change.revision.options }).filter(([, value]) => value !== null)); // prettier-ignore
      const parsed = registry.get(row!.type).options.parse(given) as Record<string, unknown>;
      return { ...old, row: { ...row!, options: parsed, settings: changedSettings(row!.settings, change.revision.settings) } }; // prettier-ignore
    }
    case 'follow':
      return { ...old, run: { opened: { options: row!.options, settings: row!.settings } } };
    case 'end follow':
      return { ...old, run: null };
    case 'schedule':
      return { ...old, schedule: { paused: false, note: null, ...times, times: change.times, text: textOfTimes(change.times) } }; // prettier-ignore
    case 'pause schedule':
      return { ...old, schedule: { ...times!, paused: true, note: byFile } };
    case 'resume schedule':
      return { ...old, schedule: { ...times!, paused: false, note: null } };
    case 'end schedule':
      return { ...old, schedule: null };
    case 'pause':
      return { ...old, row: { ...row!, pause: change.pause } };
    case 'resume':
      return { ...old, row: { ...row!, pause: null } };
    case 'remove':
      return null;
  }
}

const refusedIn = (entry: string) => () => wantedOf(`sources:\n  acme/api: ${entry}\n`);

test.each([
  ['{ type: gitt, options: {} }', /:2:21: sources\.acme\/api\.type: no such type here; did you mean git\? expected one of/],
  ['{ type: git }', /:2:3: sources\.acme\/api\.options\.url: is missing/],
  ['{ type: git, options: { url: /a, maxComits: 3 } }', /:2:46: .*\.options\.maxComits: is nothing here; did you mean maxCommits\?/],
  ['{ type: git, options: { url: /a, maxCommits: no } }', /:2:58: .*\.options\.maxCommits: expected a whole number/],
  ['{ type: git, options: { url: /a, nothing: null } }', /\.options\.nothing: is not an option here/],
  ['{ type: git, url: /a }', /:2:26: .*\.url: is an option; expected it under options/],
  ['{ type: synthetic, folow: 10s }', /:2:32: .*\.folow: is nothing here; did you mean follow\?/],
  ['{ type: synthetic, follow: 1ms }', /:2:40: .*\.follow: expected a whole number of milliseconds from 100/],
  ['{ type: synthetic, follow: soon }', /:2:40: .*\.follow: expected a time/],
  ['{ type: synthetic, follow: 10s, settings: { pollIntervalMs: 10 } }', /settings\.pollIntervalMs: is said by follow/],
  ['{ type: synthetic, schedule: { every: 5m, cron: "* * * * *" } }', /:2:51: .*\.schedule\.every: expected either/],
  ['{ type: synthetic, schedule: { every: 1ms } }', /:2:51: .*\.schedule\.every: expected at least 1s/],
  ['{ type: synthetic, schedule: {} }', /:2:32: .*\.schedule\.every: is missing/],
  ['{ type: synthetic, schedule: { cron: "@every 5m" } }', /\.schedule\.cron: is an interval/],
  ['{ type: synthetic, schedule: { keep: true, every: 5m } }', /\.schedule\.keep: says that nothing/],
  ['{ type: synthetic, schedule: { every: 5m, timezone: UTC } }', /\.schedule\.timezone: says something only/],
  ['{ type: synthetic, paused: yes }', /:2:40: .*\.paused: expected true, false, or a map/],
  ['{ type: synthetic, paused: { until: tomorrow } }', /:2:49: .*\.paused\.until: expected a time/],
  ['{ type: synthetic, paused: { reasn: a } }', /:2:42: .*\.paused\.reasn: is nothing here; did you mean reason\?/],
  ['{ type: synthetic, settings: { batch.event: 5 } }', /:2:44: .*\.settings\.batch\.event: is nothing here; did you mean batch\.events\?/],
  ['{ type: synthetic, settings: { mode: follow } }', /\.settings\.mode: is no setting of a file/],
  ['{ type: synthetic, settings: { batch.events: 0 } }', /:2:58: .*\.settings\.batch\.events: expected a whole number from 1/],
  ['{ type: synthetic, settings: { priorities: [{ type: a, priority: 9 }] } }', /\.settings\.priorities\.0\.priority: expected 4/],
  ['7', /:2:13: sources\.acme\/api: expected a map like/],
])('%s is refused where it stands', (entry, message) => {
  expect(refusedIn(entry)).toThrow(expect.objectContaining({ name: 'InvalidInput', message: expect.stringMatching(message) }));
}); // prettier-ignore

test('an id that is none, and a list of sources that is left empty, are refused: an empty one ends all there is', () => {
  expect(() => wantedOf('sources: { Acme: { type: synthetic } }')).toThrow(/:1:12: sources\.Acme: expected segments/);
  expect(() => wantedOf('sources:\n')).toThrow(/:1:\d: sources: expected a map of sources by id/);
  expect(wantedOf('sources: {}')).toEqual([]);
});

test('a place is one from the folder of the file; a url stays as it is; a pause that is over is none', () => {
  const of = (url: string) => wantedOf(`sources: { a: { type: git, options: { url: '${url}' } } }`)[0]!.given['url'];
  expect([of('./a'), of('../a'), of('.'), of('https://x.example/a')]).toEqual(['/srv/a', '/a', '/srv', 'https://x.example/a']); // prettier-ignore
  const [one] = wantedOf('sources: { a: { type: synthetic, paused: { until: "2025-12-31T00:00:00Z" } } }');
  expect(one!.pause).toBeUndefined();
});
