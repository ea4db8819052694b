import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sourceIdFrom, sourceIdSchema } from '../../src/domain/source-id.js';

test.each(['a', 'acme/api', 'a.b_c-d/0', '...', 'a/..b', 'x'.repeat(120)])('%s names a source', (id) => {
  expect(sourceIdSchema.safeParse(id).success).toBe(true);
});

test.each([
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.',
  '..',
  'a/../b',
  'a/.',
  'A',
  'é',
  'a b',
  'a\n',
  'a\0',
  'a%2fb',
  'x'.repeat(121),
])('%j does not', (id) => {
  expect(sourceIdSchema.safeParse(id).success).toBe(false);
});

test('any text becomes a valid id, and a valid one is not made another', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      (text) => sourceIdSchema.safeParse(sourceIdFrom(text)).success,
    ),
    { numRuns: 2_000 },
  );
  fc.assert(fc.property(fc.webUrl(), (url) => sourceIdFrom(sourceIdFrom(url)) === sourceIdFrom(url)));
  expect(sourceIdFrom('https://GitHub.com/Acme/API.git')).toBe('https/github.com/acme/api.git');
  expect(sourceIdFrom('a  b/..c--')).toBe('a-b/c');
  expect(sourceIdFrom('///')).toBe('source');
});
