// What a .gitignore leaves out is what git leaves out.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Walk } from '../../../src/sources/filesystem/walk.js';
import { factsOf } from '../../../src/sources/filesystem/print.js';
import { tries } from '../../support/share.js';
import { temporaryFolder } from './tree-run.js';
import { hasSlashInClass, parseIgnoreFile } from '../../../src/sources/filesystem/gitignore.js';

const files = [
  'a',
  'b.ts',
  'a b',
  '#a',
  '!a',
  'x/a',
  'x/b.ts',
  'x/y/a',
  'x/y/b',
  'y/a',
  'y/x/a',
  'build/a',
  'x/build/a',
  'ab',
  'a]',
];
const part = fc.constantFrom(
  'a',
  'b',
  'x',
  'y',
  'build',
  '*',
  '**',
  '?',
  '*.ts',
  '[ab]',
  '[!a]',
  'a*',
  '\\a',
  ' ',
  '\\ ',
  'a\\]',
  '[a',
  '#a',
  '\\!a',
);
const line = fc
  .tuple(
    fc.constantFrom('', '', '!', '\\#', '#'),
    fc.constantFrom('', '/'),
    fc.array(part, { minLength: 1, maxLength: 3 }),
    fc.constantFrom('', '/', '  ', '\r'),
  )
  .map(([mark, first, parts, end]) => `${mark}${first}${parts.join('/')}${end}`);
const ignoreFile = fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n')); // prettier-ignore

function ours(root: string): string[] {
  const walk = new Walk({ root, include: [], exclude: [], gitignore: true, oneDevice: false }, () => undefined);
  return [...walk.entries()].filter(([, print]) => factsOf(print).letter === 'f').map(([key]) => key);
}

function gits(root: string): string[] {
  const listed = execFileSync('git', ['-C', root, '-c', 'core.excludesFile=', 'ls-files', '-z', '--others', '--exclude-per-directory=.gitignore'], { encoding: 'utf8' }); // prettier-ignore
  return listed.split('\0').filter(Boolean);
}

test('made of anything, in two folders: the files that are left are those that git lists', () => {
  const root = temporaryFolder();
  execFileSync('git', ['init', '-q', root]);
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
  fc.assert(
    fc.property(ignoreFile, fc.option(ignoreFile), (top, below) => {
      fc.pre(!`${top}\n${below ?? ''}`.split('\n').some(hasSlashInClass));
      writeFileSync(join(root, '.gitignore'), top);
      if (below === null) rmSync(join(root, 'x/.gitignore'), { force: true });
      else writeFileSync(join(root, 'x/.gitignore'), below);
      expect(ours(root).sort()).toEqual(gits(root).sort());
    }),
    { numRuns: tries(40, 2_000) },
  );
});

test('a class that holds a slash is told as unreadable, and leaves nothing out', () => {
  for (const line of ['[a/[ab]', 'x/[/a]', '[!a/]b'])
    expect(parseIgnoreFile(line, 0)).toMatchObject({ rules: [], unreadable: [line] });
  expect(parseIgnoreFile('[ab]/[ab]\n\\[a/b]', 0).unreadable).toEqual([]);
});

test('a line that is all stars takes no time', () => {
  const root = temporaryFolder();
  writeFileSync(join(root, '.gitignore'), `${'*a'.repeat(50)}b`);
  writeFileSync(join(root, 'a'.repeat(250)), '');
  expect(ours(root)).toEqual(['.gitignore', 'a'.repeat(250)]);
});
