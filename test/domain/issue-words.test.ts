// What a schema refuses is told in our words: found, expected; never in those of the library, and without the value.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { issuesText, issueWords } from '../../src/domain/issue-words.js';
import { parseInput } from '../../src/domain/parse.js';
import { toFailure } from '../../src/activities/failures.js';

const secret = 'hunter2';

/** A schema of each kind that can refuse, what it is given, and what is said. */
const refused: readonly (readonly [string, z.ZodType, unknown, string])[] = [
  ['text', z.string(), 3, 'found a number, expected text'],
  ['a number', z.number(), secret, 'found text, expected a number'],
  ['a number from text', z.coerce.number(), secret, 'found no number, expected a number'],
  ['a whole number', z.int(), 1.5, 'found a fraction, expected a whole number'],
  ['true or false', z.boolean(), 'yes', 'found text, expected true or false'],
  ['a list', z.array(z.string()), {}, 'found an object, expected a list'],
  ['an object', z.strictObject({}), [], 'found a list, expected an object'],
  ['a record', z.record(z.string(), z.string()), null, 'found null, expected an object'],
  ['what is missing', z.strictObject({ url: z.string() }), {}, 'url: found nothing, expected text'],
  ['a text too short', z.string().min(1), '', 'found 0 characters, expected at least 1 character'],
  ['a text too long', z.string().max(3), secret, 'found 7 characters, expected at most 3 characters'],
  ['a number too small', z.number().min(1), 0, 'found 0, expected at least 1'],
  ['a number not above', z.number().gt(0), 0, 'found 0, expected more than 0'],
  ['a number too large', z.number().max(10), 11, 'found 11, expected at most 10'],
  ['a list too short', z.array(z.string()).min(2), ['a'], 'found 1 element, expected at least 2 elements'],
  ['a list too long', z.array(z.string()).max(1), ['a', 'b'], 'found 2 elements, expected at most 1 element'],
  ['one of a few', z.enum(['once', 'follow']), secret, 'expected one of "once", "follow"'],
  ['just one', z.literal(1), secret, 'expected 1'],
  ['a url', z.url(), secret, 'expected a URL like https://example.org/path'],
  ['a form', z.string().regex(/^a+$/), secret, 'expected a text that matches /^a+$/'],
  ['a beginning', z.string().startsWith('refs/'), secret, 'expected a text that begins with "refs/"'],
  ['a multiple', z.number().multipleOf(5), 3, 'expected a multiple of 5'],
  ['either', z.union([z.string(), z.number()]), true, 'found true or false, expected text or a number'],
  ['either, deeper', z.union([z.null(), z.strictObject({ a: z.string() })]), { a: 1 }, 'a: found a number, expected text'],
  ['a field that nobody knows', z.array(z.strictObject({ a: z.string() })), [{ a: 'x', b: 1 }], '0.b: is not an option here'],
  ['a name', z.record(z.string().max(2), z.string()), { long: 'x' }, 'long: has a name that is not allowed here'],
  ['the words of the schema itself', z.string('expected the id of a channel'), 3, 'expected the id of a channel'],
]; // prettier-ignore

test.each(refused)('%s', (_, schema, value, said) => {
  const refusal = (): unknown => parseInput(schema, value, 'option');
  expect(refusal).toThrow(said);
  expect(refusal).not.toThrow(/received|Invalid input|Too (small|big)|hunter2/);
});

test('a schema of another copy of the library says the same', () => {
  // What a copy without our words says: its own, unless it is told otherwise when it is asked.
  const config = z.config();
  const { customError } = config;
  delete config.customError;
  try {
    expect(z.string().safeParse(3).error?.issues[0]?.message).toContain('received');
    expect(() => parseInput(z.string(), 3, 'option')).toThrow('option: found a number, expected text');
  } finally {
    config.customError = customError;
  }
  expect(issueWords({ code: 'custom', input: secret, path: [] })).toBe('is not as it has to be');
});

test('a row that is not as this version writes it is told by its field, in the Temporal UI too', () => {
  const failed = z.strictObject({ position: z.strictObject({ tip: z.string() }) }).safeParse({ position: { tip: 4 } });
  const said = 'what is stored is not as this version writes it: position.tip: found a number, expected text';
  expect(issuesText(failed.error)).toBe(said);
  expect(toFailure(failed.error).message).toBe(said);
  expect(issuesText(new Error(secret))).toBe(undefined);
});
