// YAML as we take it: 1.2, plain data, bounded, and everything has a place.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { readYaml } from '../../src/config-file/yaml-text.js';

const read = (text: string) => readYaml(text, 'f.yaml');

test('no, on and 012 are what they look like', () => {
  expect(read('a: no\nb: on\nc: 012\nd: 1_000\ne: 2026-01-31\nf: 1:30\ng: ~').value).toEqual({
    a: 'no',
    b: 'on',
    c: 12,
    d: '1_000',
    e: '2026-01-31',
    f: '1:30',
    g: null,
  });
});

test('__proto__ is a name like any other, and changes no object', () => {
  const value = read('a: {__proto__: {polluted: 1}, constructor: 2}').value as { a: object };
  expect(Object.keys(value.a)).toEqual(['__proto__', 'constructor']);
  expect((value.a as { polluted?: unknown }).polluted).toBeUndefined();
});

const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]', 'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]', 'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]', 'd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]'].join('\n'); // prettier-ignore

test.each([
  ['a: 1\na: 2', /^f\.yaml:2:1: the same name is there twice/],
  ['a: {b: 1, b: 2}', /^f\.yaml:1:11: the same name/],
  ['a: !!binary aGk=', /^f\.yaml:1:4: a tag/],
  ['a: !js/function x', /^f\.yaml:1:4: a tag/],
  ['%YAML 1.1\n---\na: no', /found YAML 1\.1, expected 1\.2/],
  ['a: 1\n---\nb: 2', /^f\.yaml:2:1: a second document/],
  ['a: [1, 2', /^f\.yaml:1:9: is no YAML: /],
  ['a:\n\t- 1', /^f\.yaml:2:1: is no YAML: /],
  ['a: b: c', /^f\.yaml:1:\d: is no YAML: /],
  ['1.10: x', /^f\.yaml:1:1: a name here has to be a text/],
  ['{a: 1}: x', /^f\.yaml:1:1: a name here has to be a text/],
  ['? [a]\n: x', /^f\.yaml:1:3: a name here has to be a text/],
  ['a: *b', /aliases/],
  [`${Array.from({ length: 100_000 }, (_, at) => `a${at}: 1\n`).join('')}a7: 1`, /^f\.yaml:100001:1: the same name/],
  [bomb, /^f\.yaml:1:1: has more than 100 aliases/],
  ...['[', '{a: ', '- ', '? ', '&a [', '{? '].map((deep): [string, RegExp] => [
    deep.repeat(200_000),
    /nested deeper than 100/,
  ]),
])('%#: refused in one line that says where', (text, message) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ name: 'InvalidInput', message: expect.stringMatching(message) }),
  );
  expect(() => read(text)).not.toThrow(/\n/);
});

test('an alias of a list that it is part of does not go on for ever', () => {
  expect(() => JSON.stringify(read('a: &a [1, *a]').value)).toThrow();
});

test('every value has its place, and what is missing has the one of what lacks it', () => {
  const text = 'a:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n';
  const { place, has } = read(text);
  expect(place(['a', 'b'])).toEqual({ line: 2, column: 6 });
  expect(place(['a', 'b'], 'name')).toEqual({ line: 2, column: 3 });
  expect(place(['a', 'c', 1, 'd'])).toEqual({ line: 5, column: 11 });
  expect(place(['a', 'nothing', 'here'])).toEqual({ line: 1, column: 1 });
  expect([has(['a', 'c', 1]), has(['a', 'x'])]).toEqual([true, false]);
});

test('any JSON that is written as YAML is read as it was', () => {
  const key = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('no', '1.10', '~', '<<', 'true', '', ' a', '#'));
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 3 }, fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.array(tie('tree'), { maxLength: 3 }), fc.dictionary(key, tie('tree'), { maxKeys: 3 })),
  })); // prettier-ignore
  fc.assert(
    fc.property(fc.dictionary(key, tree, { minKeys: 1, maxKeys: 4 }), (value) => {
      expect(read(stringify(value, { version: '1.2', lineWidth: 0 })).value).toEqual(value);
    }),
    { numRuns: 200 },
  );
});

test('whatever bytes a file has, it is read or refused', () => {
  const piece = fc.constantFrom('a: ', '- ', '&a ', '*a', '{', '}', '[', ']', '\n', '  ', '"', "'", '|', '>', '!', '%', '#', '? ', ': ', '---', '\t', 'x', '\0'); // prettier-ignore
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        read(pieces.join(''));
      } catch (error) {
        expect(error).toMatchObject({
          name: 'InvalidInput',
          message: expect.stringMatching(/^f\.yaml:\d+:\d+: [^\n]*$/),
        });
      }
    }),
    { numRuns: 500 },
  );
});
