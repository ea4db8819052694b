// validate: what is no event becomes a dead letter, what only misses a mark is stored with a flag, and neighbours are never touched.
import { expect, test } from 'vitest';
import type { EventDraft } from '../../src/domain/event.js';
import { RecordRejected, type Source } from '../../src/domain/source.js';
import { validate } from '../../src/stages/validate.js';
import { aBatch, aDraft, aSource } from '../support/builders.js';

const record = (text: string) => Buffer.from(text);

async function validated(
  records: readonly Buffer[],
  toEvents: (text: string) => readonly EventDraft[],
  part: Partial<Source> = { versionOrder: 'number' },
) {
  const source = aSource((bytes) => toEvents(Buffer.from(bytes).toString()), part);
  return validate.run(aBatch(records), { source, options: {}, runId: 'run' });
}

async function verdictOn(part: Partial<EventDraft>) {
  const { drafts, dead } = await validated([record('one')], () => [aDraft(part)]);
  return { draft: drafts[0]?.draft, code: dead[0]?.code };
}

test('every record and event is a draft or a dead letter, numbered through, with its record beside it', async () => {
  const batch = await validated([record('two'), record('bad'), record('none'), record('one')], (text) => {
    if (text === 'bad') throw new RecordRejected('not_json', 'the record is not JSON');
    return Array.from({ length: { two: 2, none: 0, one: 1 }[text]! }, () => aDraft());
  });
  expect(batch.drafts.map(({ ordinal, part, record: bytes }) => [ordinal, part, String(bytes)])).toEqual([
    [0, 0, 'two'],
    [1, 1, 'two'],
    [3, 0, 'one'],
  ]);
  expect(batch.dead).toEqual([
    {
      ordinal: 2,
      stage: 'validate',
      code: 'not_json',
      error: 'the record is not JSON',
      event: null,
      raw: record('bad'),
    },
  ]);
});

test('an event has the priority of its mapper, or else the usual one of its type', async () => {
  const events = [{ type: 'test.alarm', summary: 'an alarm', stability: 'stable', priority: 4 }] as const;
  const source = aSource(
    () => [aDraft({ type: 'test.alarm' }), aDraft({ type: 'test.alarm', priority: 1 }), aDraft()],
    { events },
  );
  const { drafts } = await validate.run(aBatch([record('a')]), { source, options: {}, runId: 'run' });
  expect(drafts.map(({ draft }) => draft.priority)).toEqual([4, 1, 2]);
});

test("a mapper's own mistake kills its record, not the page", async () => {
  const batch = await validated([record('a'), record('b')], (text) =>
    text === 'a' ? (null as never as { x: EventDraft[] }).x : [aDraft()],
  );
  expect(batch.dead).toEqual([expect.objectContaining({ ordinal: 0, code: 'mapper_failed' })]);
  expect(batch.drafts).toHaveLength(1);
});

test.each<[string, Partial<EventDraft>]>([
  ['bad_type', { type: '' }],
  ['bad_type', { type: 'x'.repeat(201) }],
  ['bad_type', { type: 'a\0b' }],
  ['bad_type', { type: 'a\ud800' }],
  ['bad_id', { identity: { kind: 'immutable', key: '' } }],
  ['bad_id', { identity: { kind: 'immutable', key: 'a\0' } }],
  ['bad_id', { identity: { kind: 'versioned', key: 'k\0', version: '1' } }],
  ['bad_version', { identity: { kind: 'versioned', key: 'k', version: '\udfff' } }],
  ['bad_version', { identity: { kind: 'versioned', key: 'k', version: '' } }],
  ['bad_version', { identity: { kind: 'versioned', key: 'k', version: 'v1' } }],
  ['bad_version', { identity: { kind: 'versioned', key: 'k', version: '1', variant: '' } }],
  ['bad_version', { identity: { kind: 'versioned', key: 'k', version: '1', variant: 'a\0' } }],
  ['too_deep', { data: JSON.parse(`{"a":${'['.repeat(100)}${']'.repeat(100)}}`) }],
])('%s: an event no retry can store is a dead letter', async (code, part) => {
  expect(await verdictOn(part)).toEqual({ draft: undefined, code });
});

test('versions of a source that does not say how they follow each other are dead letters that say so', async () => {
  const draft = aDraft({ identity: { kind: 'versioned', key: 'k', version: '1' } });
  expect((await validated([record('one')], () => [draft])).drafts).toHaveLength(1);
  const { drafts, dead } = await validated([record('one')], () => [draft], {});
  expect(drafts).toEqual([]);
  expect(dead).toMatchObject([
    { code: 'bad_version', error: expect.stringContaining('expected versionOrder: time, number or text') },
  ]);
});

test('data nested to the limit is an event', async () => {
  expect((await verdictOn({ data: JSON.parse(`{"a":${'['.repeat(99)}${']'.repeat(99)}}`) })).code).toBeUndefined();
});

test.each<[string, Partial<EventDraft>, Partial<EventDraft>]>([
  ['a time no calendar has', { time: '2026-02-30T00:00:00Z' }, { time: undefined, flags: ['bad_time'] }],
  ['a time in another zone', { time: '2026-01-01T01:00:00+01:00' }, { time: '2026-01-01T00:00:00Z' }],
  ['a subject with NUL', { subject: 'a\0b' }, { subject: 'a\uFFFDb', flags: ['sanitized_subject'] }],
  [
    'a subject with half a pair',
    { subject: 'a\ud800', flags: ['mine'] },
    { subject: 'a\uFFFD', flags: ['mine', 'sanitized_subject'] },
  ],
  [
    'a subject too long',
    { subject: '\u{1f600}'.repeat(2_049) },
    { subject: '\u{1f600}'.repeat(2_048), flags: ['sanitized_subject'] },
  ],
  [
    'an event of the far future (commits dated 2100 are real)',
    { time: '2100-01-01T00:00:00Z' },
    { time: '2100-01-01T00:00:00Z' },
  ],
])('%s is stored, in the form that can be', async (_what, given, expected) => {
  expect((await verdictOn(given)).draft).toMatchObject(expected);
});

test('of a redriven record only the event that died comes back; a record that died whole gives all it maps to', async () => {
  const letter = { deaths: 1, key: '1.2.3' };
  const shared = record('two');
  const origins = [
    { part: 1, letter },
    { part: null, letter: { deaths: 2, key: '1.2.9' } },
    { part: 5, letter },
  ];
  const source = aSource(() => [aDraft({ data: { n: 0 } }), aDraft({ data: { n: 1 } })]);
  const batch = await validate.run(aBatch([shared, record('whole'), shared], { origins }), {
    source,
    options: {},
    runId: 'run',
  });
  expect(batch.drafts.map(({ ordinal, part, draft }) => [ordinal, part, draft.data['n']])).toEqual([
    [0, 1, 1],
    [1, 0, 0],
    [2, 1, 1],
  ]);
  expect(batch.dead).toEqual([
    expect.objectContaining({
      ordinal: 3,
      code: 'part_gone',
      part: 5,
      raw: shared,
      error: expect.stringContaining('maps to 2 events now, this was number 6'),
    }),
  ]);
  expect([...batch.returned].map(([ordinal, { letter: earlier }]) => [ordinal, earlier?.deaths])).toEqual([
    [0, 1],
    [1, 2],
    [2, 2],
    [3, 1],
  ]);
});

test('of the dead events of one record the first has its bytes, and the others name it', async () => {
  const bad = aDraft({ type: '' });
  const { dead } = await validated([record('a'), record('b')], () => [aDraft(), bad, bad]);
  expect(
    dead.map(({ ordinal, part, raw, holder }) => [ordinal, part, raw === null ? null : String(raw), holder]),
  ).toEqual([
    [1, 1, 'a', undefined],
    [2, 2, null, 1],
    [4, 1, 'b', undefined],
    [5, 2, null, 4],
  ]);
});

test('a record that comes back for each of its events is mapped once', async () => {
  let mapped = 0;
  const source = aSource(() => {
    mapped += 1;
    return Array.from({ length: 100 }, () => aDraft());
  });
  const shared = record('one');
  const origins = Array.from({ length: 100 }, (_, part) => ({ part, letter: { deaths: 1, key: `1.1.${part}` } }));
  const { drafts } = await validate.run(
    aBatch(
      origins.map(() => shared),
      { origins },
    ),
    { source, options: {}, runId: 'run' },
  );
  expect({ drafts: drafts.length, mapped }).toEqual({ drafts: 100, mapped: 1 });
});

test.each([
  [
    'throws an object without a prototype',
    () => {
      throw Object.create(null);
    },
    /cannot be shown/,
  ],
  [
    'throws a symbol',
    () => {
      throw Symbol('sign');
    },
    /Symbol\(sign\)/,
  ],
  [
    'throws an error whose message throws',
    () => {
      throw Object.defineProperty(new Error(), 'message', {
        get: () => {
          throw new Error('no');
        },
      });
    },
    /cannot be shown/,
  ],
  ['gives no list', () => ({ length: 3 }), /no list/],
  ['gives nothing', () => undefined, /no list/],
  ['gives events that are none', () => [null], /null/],
  [
    'gives an event whose field throws',
    () => [
      Object.defineProperty(aDraft(), 'type', {
        get: () => {
          throw new Error('type is not to be read');
        },
      }),
    ],
    /type is not to be read/,
  ],
  [
    'gives a revoked proxy',
    () => {
      const { proxy, revoke } = Proxy.revocable([], {});
      revoke();
      return proxy;
    },
    /revoked/,
  ],
])('a mapper that %s makes a dead letter of that record, and of no other', async (_what, mapped, text) => {
  const source = aSource((record) =>
    Buffer.from(record).toString() === 'bad'
      ? (mapped() as never)
      : [aDraft({ identity: { kind: 'immutable', key: 'good' } })],
  );
  const batch = await validate.run(aBatch([Buffer.from('bad'), Buffer.from('good')]), {
    source,
    options: {},
    runId: 'run',
  });
  expect(batch.dead).toEqual([
    expect.objectContaining({ ordinal: 0, code: 'mapper_failed', error: expect.stringMatching(text) }),
  ]);
  expect(batch.drafts).toHaveLength(1);
});

test('each event has its priority at the end: of the rules of its source, and the subject as it is stored', async () => {
  const drafts = [
    aDraft({ type: 'ci.run', subject: 'a\0b' }),
    aDraft({ type: 'ci.error' }),
    aDraft({ type: 'ci.error', priority: 1 }),
  ];
  const source = aSource(() => drafts);
  const priorityRules = [{ type: 'ci.*', subject: 'a\uFFFDb', priority: 3 }] as const;
  const batch = await validate.run(aBatch([Buffer.from('all')]), { source, options: {}, runId: 'run', priorityRules });
  expect(batch.drafts.map(({ draft }) => draft.priority)).toEqual([3, 4, 1]);
});
