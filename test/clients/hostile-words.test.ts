// Whatever stands on the command line or in a setting: one line that names what is wrong, exit code 2, and never the words
// of a program that was surprised.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { main } from '../../src/clients/program.js';

const directory = mkdtempSync(join(tmpdir(), 'tributary-words-'));
const real = process.env;
const before = { ...real };
let said = '';

beforeAll(() => {
  // No home: what is right as far as words go ends there, before anything is started.
  writeFileSync(join(directory, 'file'), '');
  process.stdout.setMaxListeners(0);
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said += String(text)), true));
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  for (const name of ['DATABASE_URL', 'TEMPORAL_ADDRESS']) delete process.env[name];
  process.env['TRIBUTARY_HOME'] = join(directory, 'file');
});
afterEach(() => {
  process.env = { ...before, TRIBUTARY_HOME: join(directory, 'file') };
});
afterAll(() => {
  vi.restoreAllMocks();
  process.env = real;
  rmSync(directory, { recursive: true, force: true });
});

/** Commander's own words, or a field and what is wrong with it. */
const clear = /^error: (unknown |missing |too many |option |command-argument |[\w.-]+: \S)[^\n]*\n$/;
const surprised =
  /URI malformed|Cannot read|is not a function|is not iterable|Unexpected token|Invalid URL|\n\s+at |\[object/;

async function refusalOf(words: readonly string[]): Promise<string> {
  said = '';
  expect({ words, code: await main(words), said }).toMatchObject({ code: 2 });
  expect(said, JSON.stringify(words)).toMatch(clear);
  expect(said, JSON.stringify(words)).not.toMatch(surprised);
  return said;
}

const hostile = fc.oneof(
  fc.constantFrom(
    '%',
    '%zz',
    '%ff',
    '',
    ' ',
    '-',
    '{',
    '[]',
    'null',
    '__proto__',
    'constructor',
    'toString',
    '../..',
    'a\nb',
    '\u001b[31m',
    '🙂',
    "'; --",
    '\\',
    '1e999',
    'NaN',
    '-1',
    'x'.repeat(5_000),
    '[1',
    '1=1',
    '=',
  ),
  fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
);
/** Each takes one word. */
const commands = fc.constantFrom<(word: string) => string[]>(
  (word) => ['sync', 'synthetic', '--set', `events=${word}`],
  (word) => ['sync', 'synthetic', '--set', word],
  (word) => ['sync', 'synthetic', '--id', word],
  ...['url', 'refs', 'include', 'exclude', 'since', 'diff', 'maxCommits'].map((name) => (word: string) => [
    'sync',
    'git',
    ...(name === 'url' ? [] : ['/nowhere']),
    '--set',
    `${name}=${word}`,
  ]),
  ...[
    'https://',
    'https://a.example/',
    'ssh://',
    'ssh://u@h/',
    'file:///',
    'file://',
    'git@h:',
    'http://[',
    'https://h:',
  ].map((start) => (word: string) => ['sync', 'git', start + word]),
  ...['stop', 'pause', 'resume', 'verify', 'embed', 'stats', 'deferred', 'events'].map((name) => (word: string) => [
    name,
    word,
  ]),
  ...['type', 'after', 'since', 'until', 'limit', 'priority', 'commit', 'path', 'author', 'text'].map(
    (name) => (word: string) => ['events', `--${name}`, word],
  ),
  (word) => ['pause', 'a', '--until', word],
  (word) => ['follow', 'synthetic', '--every', word],
  (word) => ['schedule', 'a', '--every', word],
  (word) => ['stats', '--days', word],
  ...['list', 'show', 'redrive'].map((name) => (word: string) => ['dead-letters', name, word]),
  (word) => ['dead-letters', 'discard', word, '--reason', 'x'],
  (word) => ['hook', 'install', join(directory, 'nowhere'), '--id', word],
);

test('any command with any word', async () => {
  await fc.assert(
    fc.asyncProperty(commands, hostile, async (command, word) => {
      // Words that ask for help or begin another option are another command.
      fc.pre(!/^-/.test(word));
      await refusalOf(command(word));
    }),
    { numRuns: 400 },
  );
}, 120_000);

test.each<[string, string, string]>([
  ['https://a.example/%zz.git', 'url', "holds a '%'"],
  ['https://%/x', 'url', 'is not a valid url'],
  ['ssh://%zz@host/x', 'url', "holds a '%'"],
  ['file:///%', 'url', "holds a '%'"],
  ['file:///%ff', 'url', 'is a file url whose path is no UTF-8'],
  ['file:///a%2fb', 'url', 'is a file url whose path'],
])('a git url of %s: %s %s', async (url, field, problem) => {
  expect(await refusalOf(['sync', 'git', url])).toContain(`error: ${field}: ${problem}`);
});

test('codes of bytes that are no UTF-8 are the server’s to read', async () => {
  expect(await refusalOf(['sync', 'git', 'https://a.example/%ff.git'])).toContain('TRIBUTARY_HOME');
});

test.each<[string, string]>([
  ['DATABASE_URL', 'postgres://u:%ff@h/d'],
  ['DATABASE_URL', 'mysql://h/d'],
  ['TEMPORAL_ADDRESS', '%'],
  ['TEMPORAL_ADDRESS', 'http://h:7233'],
  ['TEMPORAL_ADDRESS', 'h:99999'],
  ['TRIBUTARY_EMBED_URL', 'http://%'],
  ['TRIBUTARY_HOME', 'a\nb'],
  ['TRIBUTARY_TASK_QUEUE', ''],
])('%s of %j is named', async (name, value) => {
  process.env[name] = value;
  expect(await refusalOf(['status'])).toContain(name);
});

test('a Temporal profile or file that is wrong says so', async () => {
  writeFileSync(join(directory, 'broken.toml'), '[profile\n');
  for (const setting of [{ TEMPORAL_PROFILE: 'nope' }, { TEMPORAL_CONFIG_FILE: join(directory, 'broken.toml') }]) {
    process.env = { ...before, TRIBUTARY_HOME: directory, DATABASE_URL: 'postgres://u@127.0.0.1:1/d', ...setting };
    delete process.env['TEMPORAL_ADDRESS'];
    expect(await refusalOf(['status'])).toContain(Object.keys(setting)[0]);
  }
});
