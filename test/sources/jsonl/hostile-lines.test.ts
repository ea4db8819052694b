// Lines that nobody should write: refused or kept and flagged, and never taken for another.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draft, drafts, idOf, refusal } from './mapped.js';

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
    const event = draft('{"specversion":"1.0","id":"1","source":"/s","type":"t","__proto__":1}');
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
