// The name of a dead letter reads back as it was written, and what is none is refused by name.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InvalidInput } from '../../src/domain/errors.js';
import { letterName, parseLetterKey } from '../../src/domain/letter-key.js';

test('any key reads back', () => {
  const number = fc.integer({ min: 0, max: 999_999_999 });
  fc.assert(
    fc.property(
      fc.constantFrom('a', 'acme/api', 'x.y/z-1_2'),
      number,
      number,
      number,
      (source, epoch, page, ordinal) => {
        const key = { source, epoch, page, ordinal };
        expect(parseLetterKey(letterName(key), 'key')).toEqual(key);
      },
    ),
  );
});

test.each([
  '',
  'acme/api',
  'acme/api@1.2',
  'acme/api@1.2.3.4',
  '@1.2.3',
  'a@b@1.2.3',
  'A@1.2.3',
  '../x@1.2.3',
  'a@1.2.-3',
  'a@1.2.3 ',
  'a@1.2.99999999999',
])('%j is refused, and the field named', (text) => {
  expect(() => parseLetterKey(text, 'keys.3')).toThrow(InvalidInput);
  expect(() => parseLetterKey(text, 'keys.3')).toThrow(/^keys\.3: /);
});

test('what has not the form is told the form, and of a long text only its beginning', () => {
  expect(() => parseLetterKey('acme', 'key')).toThrow(
    'key: found "acme", expected source@epoch.page.ordinal like acme/api@3.7.12',
  );
  expect(() => parseLetterKey('x'.repeat(5_000), 'key')).toThrow(
    expect.objectContaining({ message: expect.stringMatching(/^.{0,300}$/) }),
  );
});
