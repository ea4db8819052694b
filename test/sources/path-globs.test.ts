// Path globs select what git's own pathspec selects.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pathGlobProblem, pathMatcher } from '../../src/sources/path-globs.js';
import { gitBytes, Repository } from './git/repository.js';

const paths = [
  'a', 'a.ts', 'b', 'src', 'srcs/a.ts', 'lib/a', 'lib/a.ts', 'lib/b/a.ts', 'lib/b/b/a', 'lib/b/b/b/a.ts', 'lib/ab', 'lib/a]b', 'lib/*', 'x/lib/a', 'x/y/lib/a.ts', 'x/a\nb',
  'caf\xc3\xa9/a', '\xff/a.ts', 'x/\xff', 'x/-', 'x/\\', 'x/a b',
]; // prettier-ignore

/** A repository whose index holds all of them; nothing is in its work tree. */
function indexed(): Repository {
  const repository = Repository.create();
  const blob = repository.blob('x');
  repository.git(
    ['update-index', '-z', '--index-info'],
    Buffer.concat(paths.map((path) => Buffer.from(`100644 ${blob}\t${path}\0`, 'latin1'))),
  );
  return repository;
}

function selectedByGit(repository: Repository, glob: string): string[] {
  return gitBytes(repository.path, ['ls-files', '-z', '--', `:(glob)${glob}`])
    .toString('latin1')
    .split('\0')
    .filter(Boolean);
}

describe('a glob', () => {
  test.each([
    'a', 'lib', 'lib/', 'lib/a', '*', '*.ts', '**', '**/*', '**/a', '**/*.ts', 'lib/*', 'lib/**', 'lib/**/a', 'lib/**/a.ts', '**/lib/**', '**/b/**/a*', 'l?b/a', 'lib/[a-b]', 'lib/[!a]',
    'lib/[^a]*', 'lib/a[]]b', 'lib/\\*', 'x/[-]', 'x/\\\\', 'x/a?b', 'x/?', 'café/*', 'caf??/a', '*/a', '*/*/a', '**/**/a', 'x/**/**/lib/*', 's*', 'a*', 'a/', 'nothing',
  ])('%j selects what it selects in git', (glob) => {
    expect(pathGlobProblem(glob)).toBeNull();
    const matches = pathMatcher([glob], [])!;
    expect(paths.filter(matches).sort()).toEqual(selectedByGit(indexed(), glob).sort());
  }); // prettier-ignore

  test('made of anything: it is refused, or selects what it selects in git', () => {
    const repository = indexed();
    const part = fc
      .array(fc.constantFrom('a', 'b', 'lib', 'x', '*', '?', '.ts', '[a-b]', '[!a]', '\\', '[', ']'), {
        minLength: 1,
        maxLength: 3,
      })
      .map((tokens) => tokens.join(''));
    const glob = fc
      .array(fc.oneof(part, fc.constant('**')), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(glob, (given) => {
        if (pathGlobProblem(given) !== null) return;
        expect(paths.filter(pathMatcher([given], [])!).sort()).toEqual(selectedByGit(repository, given).sort());
      }),
      { numRuns: 150 },
    );
  });

  test("takes steps by its length times the path's, whatever it is", () => {
    const steps = pathMatcher(['**/*a*a*a*a*a*a*a*b', '**/x/**/x/**/x/**/x/**/x/**/y'], [])!;
    expect(steps('a'.repeat(4_000))).toBe(false);
    expect(steps('x/'.repeat(2_000))).toBe(false);
  });

  test.each([
    ['', 'is empty'], ['/src', 'empty part'], ['src//a', 'empty part'], ['../x', "'..'"], ['./x', "'.'"], ['a**', "'**' beside"], ['src/[a', "'['"], ['a\\', 'ends in'],
    [':(icase)src', 'magic'], ['!src', 'exclude'], ['**/build/', 'matches no file; write **/build/**'], ['[[:alpha:]]', '[:alpha:]'], ['a\0b', 'NUL'], ['\ud800', 'half a character'],
    ['a'.repeat(1_001), 'longer than 1000'],
  ])('%j is refused', (glob, reason) => expect(pathGlobProblem(glob)).toContain(reason)); // prettier-ignore
});

test('what some include matches and no exclude does is wanted', () => {
  const matches = pathMatcher(['src', '**/*.md'], ['**/test/**', 'src/gen'])!;
  expect(['src/a', 'docs/x.md', 'src/test/a', 'src/gen/a', 'src/gen', 'lib/a', 'test/x.md'].filter(matches)).toEqual([
    'src/a',
    'docs/x.md',
  ]);
  expect(['a', 'test/a'].filter(pathMatcher([], ['test'])!)).toEqual(['a']);
  expect(pathMatcher([], [])).toBeUndefined();
});
