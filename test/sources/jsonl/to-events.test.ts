// A record of a file as its event, by the rules of docs/sources/jsonl.md.
import { describe, expect, test } from 'vitest';
import { draft, idOf, refusal } from './mapped.js';

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
