import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseInput } from '../../src/domain/parse.js';

const schema = z.strictObject({
  url: z.string(),
  depth: z.int().min(1).optional(),
  filter: z.strictObject({ path: z.string() }).optional(),
});

test('what fits is given back', () => {
  expect(parseInput(schema, { url: 'x', depth: 2 })).toEqual({ url: 'x', depth: 2 });
});

test.each([
  [{}, 'source.options.url: '],
  [{ url: 'x', dept: 1 }, 'source.options.dept: is not an option here; expected one of url, depth, filter'],
  [{ url: 'x', depth: 0 }, 'source.options.depth: '],
  [{ url: 'x', filter: { path: 3 } }, 'source.options.filter.path: '],
  [{ url: 'x', constructor: 1 }, 'source.options.constructor: is not an option here'],
  [JSON.parse('{"url":"x","__proto__":{}}'), 'source.options.__proto__: is not an option here'],
])('%j: %s', (value, message) => {
  expect(() => parseInput(schema, value, 'source.options')).toThrow(message);
});

test('a check that throws is told by its field, and by nothing of the value', () => {
  const throwing = z.string().refine((text) => decodeURIComponent(text) !== '');
  const deep = z.strictObject({ url: z.string(), filter: z.strictObject({ path: throwing }).optional() });
  expect(() => parseInput(deep, { url: 'x', filter: { path: '%secret' } }, 'source.options')).toThrow(
    /^source\.options\.filter\.path: cannot be checked: its validation failed with URIError; correct the value, or leave it out$/,
  );
  expect(() => parseInput(throwing, '%', 'id')).toThrow('id: cannot be checked');
  expect(() => parseInput(throwing, '%')).toThrow('input: cannot be checked');
});

test('where no option is known none is listed', () => {
  expect(() => parseInput(z.strictObject({}), { a: 1 })).toThrow(/^a: is not an option here$/);
});

test('a refusal keeps what it rests on, but not the value', () => {
  expect.assertions(2);
  try {
    parseInput(schema, { url: { secret: 'hunter2' } });
  } catch (error) {
    expect((error as Error).cause).toBeInstanceOf(z.ZodError);
    expect(JSON.stringify((error as Error).cause)).not.toContain('hunter2');
  }
});
