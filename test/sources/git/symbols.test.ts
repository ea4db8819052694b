// Symbols are those that git's headers of hunks name, and nearer declarations in the hunk; what is not plain is not guessed.
import { describe, expect, test } from 'vitest';
import { declarationIn } from '../../../src/sources/git/declarations.js';
import { symbolsOf } from '../../../src/sources/git/hunk-symbols.js';
import { gitLimits } from '../../../src/sources/git/limits.js';
import { filesOf, Reading } from './reading.js';
import { Repository, type Tree } from './repository.js';

describe('a line declares', () => {
  test.each([
    ['TypeScript', 'export async function readAll<T>(from: T): Promise<void> {', 'function', 'readAll'],
    ['TypeScript', 'export default class Cart extends Base {', 'class', 'Cart'],
    ['TypeScript', '  private async #load(id: string): Promise<Map<string, X>> {', 'method', '#load'],
    ['TypeScript', '  get size(): number {', 'method', 'size'],
    ['TypeScript', 'export interface Options {', 'interface', 'Options'],
    ['TypeScript', 'export type Id = string', 'type', 'Id'],
    ['TypeScript', 'const enum Kind {', 'enum', 'Kind'],
    ['JavaScript', 'export const add = async (a, b) => {', 'function', 'add'],
    ['JavaScript', 'const one = x => x', 'function', 'one'],
    ['JavaScript', 'function* walk(tree) {', 'function', 'walk'],
    ['Python', '    async def fetch(self):', 'function', 'fetch'],
    ['Python', 'class Größe(Base):', 'class', 'Größe'],
    ['Go', 'func (s *Server) Serve(l net.Listener) error {', 'method', 'Serve'],
    ['Go', 'func Map[T any](xs []T) []T {', 'function', 'Map'],
    ['Go', 'type Server struct {', 'struct', 'Server'],
    ['Rust', '    pub(crate) async fn poll<T>(&mut self) -> T {', 'function', 'poll'],
    ['Rust', 'impl<T: Into<U>> fmt::Display for Wrapper<T> {', 'impl', 'Wrapper'],
    ['Rust', 'pub trait Shape {', 'trait', 'Shape'],
    ['Java', '    public static <T> List<T> copyOf(Collection<T> from) {', 'method', 'copyOf'],
    ['Java', 'public final class Cart<T> extends Base {', 'class', 'Cart'],
    ['Java', '    protected Cart(int size) {', 'constructor', 'Cart'],
    ['C#', '    public override async Task<int?> RunAsync(string[] args)', 'method', 'RunAsync'],
    ['C#', 'namespace Shop.Cart {', 'namespace', 'Shop.Cart'],
    ['C', 'static const char *name_of(struct thing *t,', 'function', 'name_of'],
    ['C', 'struct thing {', 'struct', 'thing'],
    ['C++', 'std::vector<int> Cart::items(bool all) const {', 'function', 'Cart::items'],
    ['C++', 'Cart::~Cart()', 'function', 'Cart::~Cart'],
    ['C++', 'template_type &operator_like(int a) {', 'function', 'operator_like'],
    ['Ruby', '  def self.empty?', 'method', 'empty?'],
    ['Ruby', 'class Shop::Cart < Base', 'class', 'Shop::Cart'],
    ['PHP', '    public static function total(array $items): int', 'method', 'total'],
    ['PHP', 'function total($items) {', 'function', 'total'],
    ['Shell', 'set_up () {', 'function', 'set_up'],
  ])('%s: %s', (language, line, type, name) => {
    expect(declarationIn(Buffer.from(line).toString('latin1'), language)).toEqual({ name, type });
  });

  test.each([
    ['TypeScript', '  if (ready) {'], ['TypeScript', '  for (const x of all(y)) {'], ['TypeScript', '  foo(bar);'], ['TypeScript', '// function old() {'], ['TypeScript', "  test('x', () => {"],
    ['TypeScript', '  } else if (x) {'], ['TypeScript', 'const x = 1'], ['TypeScript', '  return function () {'], ['JavaScript', '  while (more()) {'],
    ['Python', '# def old():'], ['Python', 'class of people'], ['Go', '\tfunc() {'], ['Rust', '// fn old() {'],
    ['Java', '        return copyOf(from);'], ['Java', '        throw new Error('], ['Java', '        else run('], ['Java', '        new Thread('], ['Java', '    int x = f(1'],
    ['C#', '        await RunAsync('], ['C', '\treturn foo(bar'], ['C', 'if (x)'], ['C', 'DEFINE_MUTEX(lock)'], ['C', 'static DEFINE_MUTEX(lock)'], ['C', 'int f(void);'], ['C', 'typedef void (*f)(int'],
    ['C', 'else if (x)'], ['C', 'static int table[] = {'], ['C', '#define F(x) x'], ['C', '    indented(x)'], ['Ruby', 'define_method :x do'], ['Markdown', '# class X:'],
  ])('%s, nothing plain: %s', (language, line) => expect(declarationIn(line, language)).toBeNull()); // prettier-ignore

  test('no half name: a header that git cut in it is only text', () => {
    const line = `class ${'N'.repeat(100)}`;
    const patch = `@@ -9,1 +9,1 @@ ${line.slice(0, 80)}\n-  a\n+  b\n`;
    expect(symbolsOf(patch, 'Ruby').symbols).toEqual([{ text: line.slice(0, 80) }]);
    expect(declarationIn(`def ${'n'.repeat(300)}(`, 'Python')).toBeNull();
  });

  test('in time that its length bounds', () => {
    for (const language of ['TypeScript', 'C', 'C++', 'Java', 'C#', 'Rust', 'Go', 'Python', 'Ruby', 'PHP']) {
      for (const word of ['a ', 'a<', 'public ', 'a::', 'impl<', 'const a: ', '(', 'export '])
        expect(declarationIn(word.repeat(1_000_000), language)).toBeNull();
    }
  });
});

describe('the symbols of a change', () => {
  /** Two versions of a file; the symbols of the second commit. */
  async function changed(
    name: string,
    before: string,
    after: string,
    options: object = { symbols: true },
  ): Promise<unknown> {
    const repository = Repository.create();
    const first = repository.commit({ [name]: before });
    const second = repository.commit({ [name]: after }, { parents: [first] });
    repository.point(second);
    const [file] = filesOf(await new Reading({ url: repository.path, ...options }).run(), second);
    return file!['symbols'];
  }

  const body = (name: string): string => Array.from({ length: 12 }, (_, at) => `    ${name}_${at};\n`).join('');
  const twoOf = (open: (name: string) => string, close: string): string =>
    `${open('one')}${body('one')}${close}${open('two')}${body('two')}${close}`;

  // The tenth line of the second is far from its declaration: only git's header can name it.
  test.each([
    ['a.ts', 'function', twoOf((name) => `export function ${name}(): void {\n`, '}\n')],
    ['a.jsx', 'method', `class X {\n${twoOf((name) => `  ${name}(a, b) {\n`, '  }\n')}}\n`],
    ['a.MJS', 'function', twoOf((name) => `const ${name} = async (a) => {\n`, '}\n')],
    ['a.py', 'function', twoOf((name) => `def ${name}(a):\n`, '')],
    ['a.go', 'method', twoOf((name) => `func (s *S) ${name}(a int) {\n`, '}\n')],
    ['a.rs', 'function', twoOf((name) => `pub fn ${name}(a: u8) {\n`, '}\n')],
    ['A.java', 'method', `class A {\n${twoOf((name) => `  public int ${name}(int a) {\n`, '  }\n')}}\n`],
    ['a.c', 'function', twoOf((name) => `static int ${name}(int a)\n{\n`, '}\n')],
    ['a.cpp', 'function', twoOf((name) => `int ${name}(int a) {\n`, '}\n')],
    ['a.rb', 'method', twoOf((name) => `def ${name}(a)\n`, 'end\n')],
    ['a.php', 'function', `<?php\n${twoOf((name) => `function ${name}($a) {\n`, '}\n')}`],
    ['a.cs', 'method', `class A {\n${twoOf((name) => `    public int ${name}(int a)\n    {\n`, '    }\n')}}\n`],
    ['a.sh', 'function', twoOf((name) => `${name} () {\n`, '}\n')],
  ])('%s: a %s that git names', async (name, type, before) => {
    expect(await changed(name, before, before.replace('two_9', 'changed'))).toEqual([{ name: 'two', type }]);
  });

  test('a change near a declaration belongs to it, not to the one before; one of the declaration itself too', async () => {
    const before = twoOf((name) => `def ${name}(a):\n`, '');
    expect(await changed('a.py', before, before.replace('two_0', 'changed'))).toEqual([
      { name: 'two', type: 'function' },
    ]);
    expect(await changed('a.py', before, before.replace('def two(a)', 'def two(a, b)'))).toEqual([
      { name: 'two', type: 'function' },
    ]);
    expect(await changed('a.py', before, before.replace('def two(a)', 'def three(a)'))).toEqual([{ name: 'two', type: 'function' }, { name: 'three', type: 'function' }]); // prettier-ignore
    expect(await changed('a.py', before, before.replace('one_11', 'changed'))).toEqual([
      { name: 'one', type: 'function' },
    ]);
    expect(await changed('a.py', before, `${before}\ndef last():\n    pass\n`)).toEqual([
      { name: 'last', type: 'function' },
    ]);
  });

  test('are the same with patches as without, and absent when they are not wanted', async () => {
    const before = twoOf((name) => `def ${name}(a):\n`, '');
    const after = before.replace('two_0', 'x').replace('one_7', 'y');
    const symbols = [{ name: 'one', type: 'function' }, { name: 'two', type: 'function' }]; // prettier-ignore
    expect(await changed('a.py', before, after)).toEqual(symbols);
    expect(await changed('a.py', before, after, { diff: 'patch' })).toEqual(symbols);
    expect(await changed('a.py', before, after, { diff: 'patch', symbols: false })).toBeUndefined();
    expect(await changed('a.py', before, after, {})).toBeUndefined();
  });

  test('of a header that is not plain: its text', async () => {
    const before = `static struct option options[] = {\n${body('o')}};\n`;
    expect(await changed('a.c', before, before.replace('o_9', 'changed'))).toEqual([
      { text: 'static struct option options[] = {' },
    ]);
  });

  test('of a language that git has no driver for, and of prose: none', async () => {
    for (const name of ['a.md', 'a.txt', 'a.json', 'a.zig', 'Makefile'])
      expect(
        await changed(
          name,
          twoOf((x) => `def ${x}(a):\n`, ''),
          twoOf((x) => `def ${x}(a):\n`, '').replace('two_9', 'x'),
        ),
      ).toBeUndefined();
  });

  test('are bounded, and say so', async () => {
    const repository = Repository.create();
    const files: Tree = {
      'many.py': Array.from({ length: 150 }, (_, at) => `def f${at}(): pass\n`).join(''),
      'long.py': `def first(): pass\n${'x = 1\n'.repeat(20_000)}`,
    };
    const id = repository.commit(files);
    repository.point(id);
    const [long, many] = filesOf(await new Reading({ url: repository.path, symbols: true }).run(), id);
    expect(many!['symbols']).toHaveLength(gitLimits.symbolsMax);
    expect([many!['symbolsTruncated'], long!['symbolsTruncated']]).toEqual([true, true]);
    expect(long!['symbols']).toEqual([{ name: 'first', type: 'function' }]);
  });
});
