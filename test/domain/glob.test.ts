// `*` and `?` against a text: what a regular expression of them would say, without its cost.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matchesGlob } from '../../src/domain/glob.js';

test.each<[string, string, boolean]>([
  ['*', '', true],
  ['', '', true],
  ['', 'a', false],
  ['git.*', 'git.commit', true],
  ['git.*', 'git', false],
  ['*.failed', 'ci.build.failed', true],
  ['*.failed', 'ci.build.failed.twice', false],
  ['a*b*c', 'a--b-b--c', true],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['refs/heads/*', 'refs/heads/feature/x', true],
  ['a.c', 'abc', false],
])('%j against %j: %s', (pattern, text, expected) => {
  expect(matchesGlob(pattern, text)).toBe(expected);
});

test('it says what the regular expression says', () => {
  const letters = (...set: string[]) =>
    fc.array(fc.constantFrom(...set), { maxLength: 12 }).map((signs) => signs.join(''));
  fc.assert(
    fc.property(letters('a', 'b', '*', '?'), letters('a', 'b', '\n'), (pattern, text) => {
      const expression = pattern.replaceAll('*', '[^]*').replaceAll('?', '[^]');
      expect(matchesGlob(pattern, text)).toBe(new RegExp(`^${expression}$`).test(text));
    }),
    { numRuns: 5_000 },
  );
});

test('a text that almost matches many stars costs no more than both lengths', () => {
  // A regular expression of this pattern does not come back.
  expect(matchesGlob(`${'*a'.repeat(90)}*b`, 'a'.repeat(4_096))).toBe(false);
});
