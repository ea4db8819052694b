// What a program gives, to events: what is right passes as it was meant, what is wrong is refused by the name of its field.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { draftOf, FieldRejected } from '../../src/sources/program/given-event.js';
import { draftOfRecord, fieldOf, program } from '../../src/sources/program/index.js';

function refusal(given: unknown): { code: string; field: string } | null {
  try {
    draftOf(given);
    return null;
  } catch (error) {
    if (error instanceof FieldRejected) return { code: error.code, field: error.field };
    throw error;
  }
}

test('an event has all it was given; what is null or missing is left out', () => {
  expect(draftOf({ type: 'order.paid' })).toEqual({ type: 'order.paid', identity: { kind: 'content' }, data: {} });
  const whole = {
    type: 'a',
    id: '17',
    time: '2026-01-31T13:00:00+01:00',
    subject: 's',
    data: { n: [1, null] },
    priority: 'HIGH',
  };
  expect(draftOf(whole)).toEqual({
    type: 'a',
    identity: { kind: 'immutable', key: '17' },
    time: '2026-01-31T12:00:00Z',
    subject: 's',
    data: { n: [1, null] },
    priority: 3,
  });
  expect(
    draftOf({ type: 'a', id: null, time: null, subject: null, priority: null, entity: null, version: null }),
  ).toEqual(draftOf({ type: 'a' }));
  expect(draftOf({ type: 'a', priority: 4 }).priority).toBe(4);
});

test('an entity with its version is one event; an id beside it tells events of one version apart', () => {
  const versioned = { kind: 'versioned', key: 'order/17', version: '3' };
  expect(draftOf({ type: 'a', entity: 'order/17', version: 3 }).identity).toEqual(versioned);
  expect(draftOf({ type: 'a', entity: 'order/17', version: '3', deleted: true }).identity).toEqual({
    ...versioned,
    deleted: true,
  });
  expect(draftOf({ type: 'a', entity: 'order/17', version: 3, id: 'x' }).identity).toEqual({
    ...versioned,
    variant: 'x',
  });
  const long = draftOf({ type: 'a', entity: 'order/17', version: 3, id: 'x'.repeat(5_000) }).identity;
  expect(long).toMatchObject({ variant: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a CloudEvent is told by source and id together, and keeps all its attributes', () => {
  const event = {
    specversion: '1.0',
    id: '1',
    source: '/eu orders'.replace(' ', ''),
    type: 'a',
    traceparent: '00-1',
    data: { n: 1 },
  };
  expect(draftOf(event)).toEqual({
    type: 'a',
    identity: { kind: 'immutable', key: '/euorders 1' },
    data: { n: 1, cloudevents: { source: '/euorders', traceparent: '00-1' } },
  });
  expect(draftOf({ ...event, data: 'text' }).data).toMatchObject({ value: 'text' });
  expect(draftOf({ ...event, data: undefined, data_base64: 'AAE=' }).data).toMatchObject({ base64: 'AAE=' });
  expect(draftOf({ ...event, data: { cloudevents: 1 } }).data).toEqual({ cloudevents: 1 });
});

const cloud = { specversion: '1.0', id: '1', source: '/orders', type: 'a' };

test.each<[unknown, string, string]>([
  [null, '', 'not_an_event'],
  [[{ type: 'a' }], '', 'not_an_event'],
  ['{"type":"a"}', '', 'not_an_event'],
  [{}, 'type', 'bad_type'],
  [{ type: '' }, 'type', 'bad_type'],
  [{ type: 7 }, 'type', 'bad_type'],
  [{ type: 'a', id: 7 }, 'id', 'bad_id'],
  [{ type: 'a', colour: 1 }, 'colour', 'unknown_field'],
  [JSON.parse('{"type":"a","__proto__":{"id":"x"}}'), '__proto__', 'unknown_field'],
  [{ type: 'a', time: '2026-02-30T00:00:00Z' }, 'time', 'bad_time'],
  [{ type: 'a', time: '2026-01-31' }, 'time', 'bad_time'],
  [{ type: 'a', time: 1_769_860_800 }, 'time', 'bad_time'],
  [{ type: 'a', subject: 'a\0b' }, 'subject', 'bad_subject'],
  [{ type: 'a', subject: '\ud800' }, 'subject', 'bad_subject'],
  [{ type: 'a', subject: 'x'.repeat(4_097) }, 'subject', 'bad_subject'],
  [{ type: 'a', data: [1] }, 'data', 'bad_data'],
  [{ type: 'a', data: 'text' }, 'data', 'bad_data'],
  [{ type: 'a', priority: 'urgent' }, 'priority', 'bad_priority'],
  [{ type: 'a', priority: 'constructor' }, 'priority', 'bad_priority'],
  [{ type: 'a', priority: 5 }, 'priority', 'bad_priority'],
  [{ type: 'a', entity: 'e' }, 'version', 'bad_version'],
  [{ type: 'a', version: 1 }, 'entity', 'bad_entity'],
  [{ type: 'a', deleted: true }, 'entity', 'bad_entity'],
  [{ type: 'a', entity: 'e', version: {} }, 'version', 'bad_version'],
  [{ type: 'a', entity: 'e', version: 1, deleted: 'yes' }, 'deleted', 'bad_deleted'],
  [{ ...cloud, specversion: '0.3' }, 'specversion', 'bad_specversion'],
  [{ ...cloud, id: undefined }, 'id', 'bad_id'],
  [{ ...cloud, source: 'with space' }, 'source', 'bad_source'],
  [{ ...cloud, data: 1, data_base64: 'AA==' }, 'data_base64', 'bad_data_base64'],
])('%j is refused for its field %s', (given, field, code) => {
  expect(refusal(given)).toEqual({ code, field });
});

test('whatever JSON a program gives is an event or refused by a code, and nothing else is thrown', () => {
  const field = fc.constantFrom(
    'type',
    'id',
    'time',
    'subject',
    'data',
    'priority',
    'entity',
    'version',
    'deleted',
    'specversion',
    'source',
  );
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.dictionary(field, fc.jsonValue())), (given) => {
      const found = refusal(given);
      if (found !== null) expect(found.code).toMatch(/^[a-z_0-9]+$/);
    }),
  );
});

test('a record is refused by its field, also where a later stage found it', () => {
  expect(fieldOf(Buffer.from('{"type":"a","time":"x"}'), 'bad_time')).toBe('time');
  expect(fieldOf(Buffer.from('{"type":"a"}'), 'too_deep')).toBe('data');
  expect(fieldOf(Buffer.from('{"type":"a"}'), '22P02')).toBe('data');
  expect(() => draftOfRecord(Buffer.from('not json'))).toThrow(FieldRejected);
});

test('a sync of it finds nothing new, and versions are ordered as its options say', async () => {
  expect(await program.prepare({} as never, { v: 1 })).toEqual({ cursor: { v: 1 }, nothingNew: true });
  for await (const chunk of program.read({} as never, { v: 1 })) throw new Error(`it gave ${JSON.stringify(chunk)}`);
  const options = program.options.parse({ versions: 'time' });
  expect([program.versionOrderBy!(options), program.origin(options)]).toEqual(['time', 'programs, versions by time']);
});
