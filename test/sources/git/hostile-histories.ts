// Repositories with one of each of what a history can hold, to be read whole: of texts, of files, of refs.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gitBytes, Repository, temporaryDirectory, type Tree } from './repository.js';

const latin1 = (text: string): string => Buffer.from(text).toString('latin1');

/** Characters of one byte, of two, three and four, and one of three that is composed of two. */
export const widths = ['a', 'é', '語', '😀', 'e\u0301'];

/** Without UTF-16: git converts headers too, and what it then shows depends on what else it is asked. encodings.test.ts has it. */
const encodings = [
  'ISO-8859-1',
  'latin-1',
  'ISO8859-15',
  'cp1252',
  'CP1251',
  'KOI8-R',
  'cp437',
  'cp850',
  'eucJP',
  'Shift_JIS',
  'ISO-2022-JP',
  'cp949',
  'GB18030',
  'Big5',
  'UTF-7',
  'utf8',
  'x-none',
  '',
];
const words = ['café', 'Привет', '日本語', '한국어', '中文字', '“€”', 'plain'];

function encoded(word: string, encoding: string): string {
  try {
    return execFileSync(
      'iconv',
      ['-f', 'UTF-8', '-t', encoding === '' ? 'none' : encoding.replace('latin-1', 'latin1')],
      { input: word, stdio: ['pipe', 'pipe', 'ignore'] },
    ).toString('latin1');
  } catch {
    return latin1(word);
  }
}

const own = 'Signed-off-by: Ada <a@x>';
const bodies = [
  '', '\n\n  \nsubject after blanks\n', 'no line feed at the end', 's\r\n\r\nKey: 1\r\n', `s\n\n${own}\n\nConflicts:\n\ta.c\n\tb.c\n`, `s\n\n${own}\n\n# Conflicts:\n#\ta.c\n`,
  `s\n\nKey: 1\n---\n\nOther: 2\n`, `s\n\ntext\ntext\ntext\n${own}\n`, `s\n\na\nb\nc\nd\n${own}\n`, 's\n\nKey: one\n two\n\tthree\nOther:\n', `s\n\n${own}\n# ------------------------ >8 ------------------------\ndiff\n`,
  's\n\nKlé: 1\nKey: é\n', 'before\0after\n\nbody\n', 'caf\xe9 \xed\xa0\x80\n', latin1('\u001b[31mred\u202e txet\u2028\n'), `s\n\n${'Key: value\n'.repeat(40)}`, `${'long '.repeat(20_000)}\n`,
  's\n\n(cherry picked from commit 0123)\n', '# a comment\n\nsubject\n', 'two\nlines of subject\n\nbody\n',
]; // prettier-ignore
const people = [
  '<> 1 +0000',
  ' <> 1 +0000',
  'A | B <a@x> 1 +0000',
  'J\xf6rg <j@\xe9> 1 +0000',
  `${latin1('Zoë')} <z@x> 1700000000 -0930`,
  ' Blanks  <b@x> 1700000000 +1345',
  'O\'B "q" \\ <o@x> 0 -0000',
];
const dates = [
  '99999999999 +0000',
  '-1 +0000',
  '9223372036854775807 +0000',
  '253402300800 +0000',
  '0 -0130',
  '1700000000 +9999',
  '1700000000',
  'yesterday',
  '1700000000 +2359',
  '2147483648 +0000',
];

/** Texts: encodings, trailers, people, dates. */
export function textsHistory(): Repository {
  const repository = Repository.create();
  let [at, last]: [number, string[]] = [0, []];
  const add = (given: Parameters<Repository['commit']>[1]): void =>
    void (last = [repository.commit({ file: `${at++}\n` }, { ...given, parents: last })]);
  for (const encoding of encodings)
    for (const word of words.slice(0, 4)) {
      const text = encoded(word, encoding);
      const person = `${text.replaceAll(/[<>\n\0]/g, '')} <a@x> 1700000000 +0000`;
      add({
        headers: `encoding ${encoding}\n`,
        message: Buffer.from(`${text}\n\n${text}\n\nKey: ${text}\n`, 'latin1'),
        author: person,
        committer: person,
      });
    }
  for (const body of bodies) add({ message: Buffer.from(body, 'latin1') });
  for (const person of people) add({ author: person, committer: person });
  for (const date of dates) add({ author: `A <a@x> ${date}`, committer: `C <c@x> ${date}` });
  add({
    headers: 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n author Mallory <m@x> 1 +0000\n -----END PGP SIGNATURE-----\n',
    message: 'signed\n',
  });
  repository.point(last[0]!);
  return repository;
}

const body = (name: string, count = 20): string =>
  Array.from({ length: count }, (_, line) => `${name} ${line}\n`).join('');
const long = (character: string): string =>
  latin1(Array.from({ length: 12 }, () => character.repeat(Math.floor(240 / Buffer.byteLength(character)))).join('/'));
const names = [
  'a\nb',
  '\xff\xfe',
  '=\n',
  ':100644 100644',
  '1\t1\tx',
  'x\t',
  '\u0001',
  'end ',
  '-n',
  '"q"',
  "it's",
  'back\\slash',
  '$(id)',
  '%41',
  'con',
  '.gitmodules',
  latin1('\u202etxt.exe'),
  '\n',
  latin1('語.md'),
];
const pointer =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';

/** Files: what can happen to one, in a commit and in a merge. */
export function filesHistory(): Repository {
  const repository = Repository.create();
  let files: Tree = {};
  let last: string[] = [];
  const commit = (tree: Tree, parents = last): string => repository.commit(tree, { parents });
  const add = (change: Tree, without: readonly string[] = []): string => {
    files = Object.fromEntries(Object.entries({ ...files, ...change }).filter(([path]) => !without.includes(path)));
    last = [commit(files)];
    return last[0]!;
  };
  const root = add({
    a: body('a'),
    b: body('b'),
    run: '#!/bin/sh\n',
    'logo.png': Buffer.from([0, 1, 2]),
    crlf: 'one\r\ntwo\r\n',
    end: 'no line feed',
  });
  add({
    run: { mode: '100755', content: '#!/bin/sh\n' },
    link: { mode: '120000', content: '../../etc/passwd' },
    end: 'no line feed\n',
    crlf: 'one\ntwo\n',
  });
  add({}); // nothing
  add({
    link: 'a file now\n',
    run: { mode: '120000', content: 'a' },
    'logo.png': Buffer.from([0, 9]),
    end: 'none again',
  });
  // A binary file that only moves, and one that only changes its mode: a patch does not say that they are binary.
  add({ 'moved.png': Buffer.from([0, 9]) }, ['logo.png']);
  add({ 'moved.png': { mode: '100755', content: Buffer.from([0, 9]) } });
  add({ lib: { mode: '160000', content: root }, 'big.bin': pointer, empty: '' });
  add({ lib: { mode: '160000', content: last[0]! }, 'big.bin': pointer.replace('12345', '12346') });
  add({ 'big.bin': Buffer.from([0, 1]), lib: 'a file now\n' }, ['empty']);
  add(Object.fromEntries(names.map((name) => [name, `${name}\n`])));
  add(Object.fromEntries(names.map((name) => [`moved/${name}`, `${name}\n`])), names);
  add({ '.gitattributes': '* binary\n*.txt diff=x text eol=crlf\n', 'a.txt': 'a\r\n' });
  add({ 'a.txt': 'a\n', copy: body('a'), 'one/a': body('b') }, ['b']);
  const base = last;
  const branch = (change: Tree, without: readonly string[] = []): string =>
    commit(
      Object.fromEntries(Object.entries({ ...files, ...change }).filter(([path]) => !without.includes(path))),
      base,
    );
  const merge = (branches: readonly string[], change: Tree, without: readonly string[] = []): void => {
    last = [...last, ...branches];
    add(change, without);
  };
  merge([branch({ copied: body('a'), other: body('a') })], { copied: body('a'), other: body('a') }, ['a']);
  merge([branch({ moved: body('b') }, ['one/a'])], { moved: body('b') }, ['one/a']);
  merge([branch({ x: 'x\n' }), branch({ y: 'y\n' })], { x: 'x\n', y: 'y\n', invented: 'by the merge\n' }, ['run']);
  merge(
    Array.from({ length: 12 }, (_, at) => branch({ [`arm${at}`]: 'x\n' })),
    Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`arm${at}`, 'x\n'])),
  );
  merge([repository.commit({ 'other.root': 'x\n' })], { 'other.root': 'x\n' });
  merge([base[0]!, base[0]!], { twice: 'the same parent twice\n' });
  // On a branch of their own: each folder of a tree is a process.
  const deep = commit(Object.fromEntries(widths.map((character) => [long(character), body(character)])));
  repository.point(
    commit(Object.fromEntries(widths.map((character) => [`${long(character)}/deeper`, body(character)])), [deep]),
    'refs/heads/long',
  );
  repository.point(last[0]!);
  repository.git(['replace', last[0]!, root]);
  return repository;
}

/** Refs: names of any bytes, tags of all kinds, what is broken; history of `commits` commits on main. */
export function refsHistory(commits: number): Repository {
  const repository = Repository.create();
  const stream = Array.from(
    { length: commits },
    (_, at) =>
      `commit refs/heads/main\ncommitter C <c@x> ${1_700_000_000 + at} +0000\ndata 6\nc${String(at).padStart(5)}\nM 644 inline d${at % 7}/f${at % 40}\ndata 6\n${String(at).padStart(5)}\n\n`,
  );
  repository.git(['fast-import', '--quiet'], stream.join(''));
  const tip = repository.git(['rev-parse', 'main']);
  const refs = [
    ...widths.map(
      (character) =>
        `refs/heads/${long(character)
          .slice(0, 1_900)
          .replace(/\/[^/]*$/, '')}`,
    ),
    'refs/heads/caf\xe9',
    'refs/tags/\xff',
    latin1('refs/tags/v1-語'),
    "refs/heads/it's",
    'refs/heads/a"b',
    'refs/heads/$(id)',
    'refs/heads/-n',
    'refs/heads/%41',
  ];
  repository.git(
    ['update-ref', '--stdin'],
    Buffer.from(refs.map((ref) => `create ${ref} ${tip}\n`).join(''), 'latin1'),
  );
  const tagged = (
    target: string,
    type: string,
    name: string,
    text: string,
    tagger = 'tagger J\xf6rg <j@x> 1700000000 +0200\n',
  ): string => {
    const object = Buffer.from(`object ${target}\ntype ${type}\ntag ${name}\n${tagger}\n${text}`, 'latin1');
    const id = repository.git(['hash-object', '-t', 'tag', '--literally', '-w', '--stdin'], object);
    repository.point(id, `refs/tags/${name}`);
    return id;
  };
  const tag = tagged(
    tip,
    'commit',
    'annotated',
    'message\n\nmore\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----\n',
  );
  tagged(tagged(tag, 'tag', 'of-a-tag', 'na\xefve\n'), 'tag', 'of-a-tag-of-a-tag', '\n\nblank lines first');
  tagged(repository.blob('a file\n'), 'blob', 'of-a-file', 'file\n');
  tagged(repository.tree({ a: 'x\n' }), 'tree', 'of-a-tree', '', '');
  repository.point(repository.blob('light\n'), 'refs/tags/light-of-a-file');
  repository.point(repository.tree({ b: 'x\n' }), 'refs/tags/light-of-a-tree');
  for (const name of ['one', 'two', 'three', 'four'])
    repository.line(3, { from: tip, ref: `refs/heads/${name}`, name });
  repository.git(['pack-refs', '--all']);
  mkdirSync(join(repository.path, '.git', 'refs', 'heads'), { recursive: true });
  writeFileSync(join(repository.path, '.git', 'refs', 'heads', 'broken'), '');
  appendFileSync(join(repository.path, '.git', 'packed-refs'), `${tip} refs/zzz/${'z'.repeat(260)}\n`);
  return repository;
}

/** The last commits of a repository only: its oldest have parents that are not there. */
export function shallowClone(repository: Repository, depth: number): Repository {
  const path = join(temporaryDirectory(), 'shallow');
  gitBytes(repository.path, [
    'clone',
    '-q',
    '--bare',
    `--depth=${depth}`,
    '--no-single-branch',
    `file://${repository.path}`,
    path,
  ]);
  return Repository.at(path);
}
