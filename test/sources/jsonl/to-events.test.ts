// A record of a file as its event, by the rules of docs/sources/jsonl.md.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hashAnyEvent } from '../../../src/domain/content-hash.js';
import type { EventDraft } from '../../../src/domain/event.js';
import { isRecordRejected } from '../../../src/domain/source.js';
import { options } from '../../../src/sources/jsonl/options.js';
import { toEvents } from '../../../src/sources/jsonl/to-events.js';

function drafts(line: string | Uint8Array, given: object = {}): readonly EventDraft[] {
  const record = typeof line === 'string' ? Buffer.from(line) : line;
  return toEvents(record, options.parse({ path: '/tmp/a.jsonl', ...given }));
}

function draft(line: string | Uint8Array, given: object = {}): EventDraft {
  const [first, ...others] = drafts(line, given);
  expect(others).toEqual([]);
  return first!;
}

/** The code of its refusal. */
function refusal(line: string | Uint8Array, given: object = {}): string {
  try {
    drafts(line, given);
  } catch (error) {
    if (isRecordRejected(error)) return error.code;
    throw error;
  }
  return 'none';
}

function idOf(line: string | Uint8Array, given: object = {}): string {
  const record = typeof line === 'string' ? Buffer.from(line) : line;
  return hashAnyEvent(draft(record, given), 0, record, 0, { source: 's' }).id;
}

const order = {
  specversion: '1.0',
  id: 'A234-1234-1234',
  source: '/mycontext',
  type: 'com.example.someevent',
  subject: 'order/7',
  time: '2018-04-05T17:31:00Z',
  comexampleextension1: 'value',
  comexampleothervalue: 5,
  datacontenttype: 'application/json',
  data: { appinfoA: 'abc', appinfoB: 123, appinfoC: true },
};
const cloudEvent = (part: object = {}) => JSON.stringify({ ...order, ...part });

describe('a CloudEvent', () => {
  test('has its attributes as columns, its data as fields, and the rest of the envelope beside them', () => {
    expect(draft(cloudEvent())).toEqual({
      type: 'com.example.someevent',
      identity: { kind: 'immutable', key: '/mycontext A234-1234-1234' },
      subject: 'order/7',
      time: '2018-04-05T17:31:00Z',
      priority: undefined,
      data: {
        appinfoA: 'abc',
        appinfoB: 123,
        appinfoC: true,
        cloudevents: {
          source: '/mycontext',
          comexampleextension1: 'value',
          comexampleothervalue: 5,
          datacontenttype: 'application/json',
        },
      },
    });
  });

  test('is the same as another exactly when source and id are', () => {
    expect(idOf(cloudEvent({ data: 1 }))).toBe(idOf(cloudEvent({ data: 2, time: null, type: 'other' })));
    expect(idOf(cloudEvent({ source: '/other' }))).not.toBe(idOf(cloudEvent()));
    expect(idOf(cloudEvent({ id: 'other' }))).not.toBe(idOf(cloudEvent()));
    expect(idOf(cloudEvent({ source: '/a', id: 'b c' }))).not.toBe(idOf(cloudEvent({ source: '/a/b', id: 'c' })));
  });

  const envelope = {
    comexampleextension1: 'value',
    comexampleothervalue: 5,
    datacontenttype: 'application/json',
    source: '/mycontext',
  };

  test.each<[string, object, object]>([
    ['a text', { data: '<much wow="xml"/>' }, { value: '<much wow="xml"/>' }],
    ['a list', { data: [1] }, { value: [1] }],
    ['null', { data: null }, { value: null }],
    ['bytes', { data: undefined, data_base64: 'AAEC' }, { base64: 'AAEC' }],
    ['none', { data: undefined }, {}],
    ['a field called as the envelope is', { data: { cloudevents: 1 } }, { value: { cloudevents: 1 } }],
  ])('whose data is %s keeps it', (_name, part, data) => {
    expect(draft(cloudEvent(part)).data).toEqual({ cloudevents: envelope, ...data });
  });

  test('that breaks the specification is refused, and says where', () => {
    for (const part of [
      { id: '' },
      { id: 5 },
      { source: null },
      { source: 'a b' },
      { type: undefined },
      { data_base64: 'AAEC' },
      { data: undefined, data_base64: 'AAE' },
      { data: undefined, data_base64: 5 },
    ])
      expect(refusal(cloudEvent(part)), JSON.stringify(part)).toBe('not_cloudevent');
    expect(refusal(cloudEvent({ specversion: '0.3' }), { format: 'cloudevents' })).toBe('not_cloudevent');
    expect(refusal('{"a":1}', { format: 'cloudevents' })).toBe('not_cloudevent');
  });

  test('gives what an option names instead, and keeps the attribute that it replaces', () => {
    const event = draft(cloudEvent(), { type: '/data/appinfoA', id: '/data/appinfoB' });
    expect(event).toMatchObject({ type: 'abc', identity: { kind: 'immutable', key: '123' } });
    expect(event.data).toMatchObject({ cloudevents: { type: order.type, id: order.id } });
    expect(event.data['cloudevents']).not.toHaveProperty('time');
  });

  test('of another version, or where the format is json, is JSON like any other', () => {
    const other = { type: 'jsonl.record', identity: { kind: 'content' } };
    expect(draft(cloudEvent({ specversion: '0.3' }))).toMatchObject({ ...other, data: { specversion: '0.3' } });
    expect(draft(cloudEvent(), { format: 'json' })).toMatchObject({ ...other, data: order });
  });
});

describe('a JSON object', () => {
  test('without a mapping is its content, whatever the order of its keys and blanks', () => {
    expect(draft('{"b":1,"a":"x"}')).toMatchObject({
      type: 'jsonl.record',
      identity: { kind: 'content' },
      data: { a: 'x', b: 1 },
    });
    expect(idOf('{"b":1,"a":"x"}')).toBe(idOf(' { "a": "x", "b": 1.0 }\r'));
    expect(idOf('{"b":1,"a":"x"}')).not.toBe(idOf('{"b":2,"a":"x"}'));
  });

  const line =
    '{"m":{"id":7,"kind":"order.paid","at":"2026-01-31T12:00:00+01:00"},"who":["ada"],"p":"high","a/b~c":"tricky"}';

  test('gives its fields by pointers', () => {
    const given = { id: '/m/id', type: '/m/kind', time: '/m/at', subject: '/who/0', priority: '/p' };
    expect(draft(line, given)).toMatchObject({
      type: 'order.paid',
      identity: { kind: 'immutable', key: '7' },
      time: '2026-01-31T12:00:00+01:00',
      subject: 'ada',
      priority: 3,
    });
    expect(draft(line, { id: '/a~1b~0c' }).identity).toEqual({ kind: 'immutable', key: 'tricky' });
    expect(draft(line, { type: 'acme.order' }).type).toBe('acme.order');
  });

  test('may be named by several fields, and no two lists of them are one name', () => {
    expect(idOf('{"a":"x,","b":"y"}', { id: ['/a', '/b'] })).not.toBe(idOf('{"a":"x","b":",y"}', { id: ['/a', '/b'] }));
  });

  test('is a version where entity and version are mapped', () => {
    const given = { entity: '/m/id', version: '/v' };
    expect(draft('{"m":{"id":7},"v":12}', given).identity).toEqual({ kind: 'versioned', key: '7', version: '12' });
    expect(refusal('{"m":{"id":7}}', given)).toBe('no_version');
  });

  test('whose id is no text and no number is refused', () => {
    for (const id of ['null', 'true', '{}', '[]', '""'])
      expect(refusal(`{"id":${id}}`, { id: '/id' }), id).toBe('no_id');
    expect(refusal('{}', { id: '/id' })).toBe('no_id');
    expect(refusal('{"id":1}', { id: '/constructor/name' })).toBe('no_id');
  });

  test('is kept and flagged where what is beside its identity cannot be used', () => {
    const given = { type: '/t', subject: '/s', priority: '/p', time: '/w' };
    const event = draft('{"t":5,"s":{},"p":"urgent","w":true}', given);
    expect(event).toMatchObject({
      type: 'jsonl.record',
      flags: ['no_type', 'bad_time', 'bad_subject', 'bad_priority'],
    });
    expect(draft('{}', given)).toMatchObject({ type: 'jsonl.record', flags: ['no_type'] });
  });
});

describe('a time', () => {
  const timeOf = (json: string, given: object = {}) => draft(`{"t":${json}}`, { time: '/t', ...given });

  test.each([
    ['1767225600', 's', '2026-01-01T00:00:00.000000Z'],
    ['1767225600.25', 's', '2026-01-01T00:00:00.250000Z'],
    ['"1767225600123"', 'ms', '2026-01-01T00:00:00.123000Z'],
    ['1767225600123456', 'us', '2026-01-01T00:00:00.123456Z'],
    ['1767225600123456789', 'ns', '2026-01-01T00:00:00.123456Z'],
    ['5', 'ns', '1970-01-01T00:00:00.000000Z'],
    ['-0.5', 's', '1969-12-31T23:59:59.500000Z'],
  ])('%s in %s is %s', (json, timeUnit, time) => {
    expect(timeOf(json, { timeUnit }).time).toBe(time);
  });

  test('that only an option can tell is refused until the option is set', () => {
    expect(refusal('{"t":1767225600}', { time: '/t' })).toBe('no_time_unit');
    expect(refusal('{"t":"2026-01-31 12:00"}', { time: '/t' })).toBe('no_time_zone');
    expect(timeOf('"2026-01-31 12:00"', { timeZone: '+02:00' }).time).toBe('2026-01-31T12:00:00+02:00');
    expect(timeOf('"2026-01-31"', { timeZone: 'Z' }).time).toBe('2026-01-31T00:00:00Z');
  });

  test('that no calendar has is kept and flagged', () => {
    for (const [json, timeUnit] of [
      ['1e300', 's'],
      ['253402300800', 's'],
      ['-62135596801', 's'],
    ] as const)
      expect(timeOf(json, { timeUnit })).toMatchObject({ time: undefined, flags: ['time_out_of_range'] });
    // Validate flags it, as it does for all sources.
    expect(timeOf('"2026-02-30T00:00:00Z"').time).toBe('2026-02-30T00:00:00Z');
  });
});

describe('a hostile line', () => {
  test.each([
    ['not JSON', 'nonsense', 'not_json'],
    ['half of an object', '{"a":1', 'not_json'],
    ['two objects', '{} {}', 'not_json'],
    ['a list', '[{}]', 'not_an_object'],
    ['a text', '"x"', 'not_an_object'],
    ['null', 'null', 'not_an_object'],
  ])('that is %s is refused', (_name, line, code) => {
    expect(refusal(line)).toBe(code);
  });

  test('that is empty is no event', () => {
    for (const line of ['', ' \t', '\r', '\ufeff']) expect(drafts(line)).toEqual([]);
  });

  test('as deep as a line can be is read without an overflow; validate refuses it', () => {
    const levels = 100_000;
    const event = draft(`{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`);
    expect(Object.keys(event.data)).toEqual(['a']);
  });

  test('with a prototype in it is data like any other', () => {
    const event = draft(cloudEvent({ ['__proto__x']: 1 }).replace('__proto__x', '__proto__'));
    expect(Object.keys(event.data['cloudevents']!)).toContain('__proto__');
    expect(JSON.stringify(draft('{"__proto__":{"a":1}}').data)).toBe('{"__proto__":{"a":1}}');
  });

  test('with equal keys, wide numbers or bytes that are no UTF-8 keeps its bytes, and is the same only as itself', () => {
    for (const [one, other, flag] of [
      ['{"a":1,"a":2}', '{"a":3,"a":2}', 'duplicate_keys'],
      ['{"b":[{"a":1,"a":2}]}', '{"b":[{"a":2}]}', 'duplicate_keys'],
      ['{"a":12345678901234567890}', '{"a":"12345678901234567890"}', 'number_as_text'],
      ['{"a":1e400}', '{"a":1e401}', 'number_as_text'],
      ['{"a":0.1000000000000000055511151231257827}', '{"a":0.1}', 'number_as_text'],
    ] as const) {
      expect(draft(one)).toMatchObject({ flags: [flag], raw: Buffer.from(one) });
      expect(idOf(one)).not.toBe(idOf(other));
      expect(idOf(one)).toBe(idOf(one));
    }
    const [one, other] = [0xfe, 0xff].map((byte) =>
      Buffer.concat([Buffer.from('{"a":"'), Buffer.from([byte]), Buffer.from('"}')]),
    );
    expect(draft(one!)).toMatchObject({ flags: ['not_utf8'], raw: one });
    expect(idOf(one!)).not.toBe(idOf(other!));
  });

  test('with a wide number has all its digits, also as its id', () => {
    expect(draft('{"a":-12345678901234567890.50,"b":"1e999"}').data).toEqual({
      a: '-12345678901234567890.50',
      b: '1e999',
    });
    expect(draft('{"id":12345678901234567890}', { id: '/id' }).identity).toEqual({
      kind: 'immutable',
      key: '12345678901234567890',
    });
  });

  test('is never taken for one: what JSON.stringify writes has no flag, and its value is that of JSON.parse', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        const event = draft(text, { format: 'json' });
        expect(event.flags).toBeUndefined();
        expect(event.data).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  test('of any bytes is an event or a refusal, never another error', () => {
    const near = fc.array(
      fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', '1', 'e', '-', '.', 'a', ' ', '\u0000'),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 40 }),
          near.map((signs) => Buffer.from(`{"a":${signs.join('')}}`)),
        ),
        (bytes) => {
          refusal(bytes);
          refusal(bytes, { format: 'csv' });
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
