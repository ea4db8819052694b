// A path is a file, a folder or a pattern, as people know them from git.
import { expect, test } from 'vitest';
import { pathPattern } from '../../src/queries/path-pattern.js';

function matches(pattern: string, path: string): boolean {
  const { file, prefix, regex } = pathPattern(pattern)!;
  return path === file || (path.startsWith(prefix) && (regex === null || new RegExp(regex).test(path)));
}

const cases: readonly (readonly [pattern: string, matching: readonly string[], others: readonly string[]])[] = [
  ['src/main.ts', ['src/main.ts', 'src/main.ts/odd'], ['src/main.tsx', 'lib/src/main.ts', 'src/mainxts']],
  ['./src/', ['src', 'src/a', 'src/a/b'], ['srcs/a', 'a/src/b']],
  ['src/*.ts', ['src/a.ts', 'src/.ts'], ['src/a/b.ts', 'src/a_ts', 'src/a.tsx']],
  ['src/**/*.ts', ['src/a.ts', 'src/a/b.ts', 'src/a/b/c.ts'], ['lib/a.ts', 'src/a.js']],
  ['src/**', ['src/a', 'src/a/b'], ['srcs/a']],
  ['**/*.md', ['README.md', 'docs/a.md'], ['a.mdx']],
  ['file?.c', ['file1.c'], ['file.c', 'file12.c', 'file/.c']],
  ['a+(b)[c]{d}^$|.x*', ['a+(b)[c]{d}^$|.xyz'], ['aa(b)']],
];

test.each(cases)('%s', (pattern, matching, others) => {
  for (const path of matching) expect([path, matches(pattern, path)]).toEqual([path, true]);
  for (const path of others) expect([path, matches(pattern, path)]).toEqual([path, false]);
});

test('what is no path inside a repository is refused by name', () => {
  for (const wrong of ['', '/', '/etc/passwd', './', 'x'.repeat(4_097), `*${'x'.repeat(500)}`])
    expect(() => pathPattern(wrong), wrong).toThrow(/^path: /);
  expect(pathPattern(undefined)).toBeUndefined();
});
