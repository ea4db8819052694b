// A picture of a terminal: commands of the README, run one after the other on a repository that is made for it.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { onTerminal } from '../support/pty.js';
import { tributary } from '../clients/command.js';
import { terminalSvg } from './terminal-svg.js';

const columns = 100;
const directory = mkdtempSync(join(tmpdir(), 'tributary-terminal-'));
const environment = { TRIBUTARY_HOME: join(directory, 'stack') };
const repository = join(directory, 'acme', 'api');

const words = ['parser', 'cache', 'router', 'queue', 'index', 'login', 'report', 'search'];
const acts = [
  'Teach the %s about retries',
  'Fix a race in the %s',
  'Make the %s twice as fast',
  'Test the %s with odd input',
];

/** A few hundred commits of four people. */
function history(): string {
  const people = [
    'Ana <ana@acme.example>',
    'Ben <ben@acme.example>',
    'Chi <chi@acme.example>',
    'Dov <dov@acme.example>',
  ];
  return Array.from({ length: 400 }, (_, at) => {
    const [word, time] = [words[(at * 5) % words.length]!, 1_790_000_000 + at * 3_000];
    const message = acts[(at * 7) % acts.length]!.replace('%s', word);
    const line = `${word} ${at}\n`;
    return `commit refs/heads/main\ncommitter ${people[at % 4]!} ${time} +0000\ndata ${message.length}\n${message}\nM 644 inline src/${word}.ts\ndata ${line.length}\n${line}`;
  }).join('\n');
}

beforeAll(async () => {
  mkdirSync(repository, { recursive: true });
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository]);
  execFileSync('git', ['-C', repository, 'fast-import', '--quiet'], { input: history() });
  expect((await tributary(['up'], environment)).code).toBe(0);
});
afterAll(async () => {
  await tributary(['down'], environment);
  rmSync(directory, { recursive: true, force: true });
});

/** What is left on the terminal when the command has ended. */
async function session(typed: string): Promise<string[]> {
  const given = typed.split(' ').map((word) => (word === '../api' ? repository : word));
  const { ended } = onTerminal([process.execPath, join(packageRoot, 'bin', 'tributary.js'), ...given], columns, {
    ...process.env,
    ...environment,
    LC_ALL: 'C.UTF-8',
  });
  const { code, written } = await ended;
  expect({ typed, code }).toEqual({ typed, code: 0 });
  // Of a line that was drawn over itself the last stays; what is of this machine alone is nobody's business.
  const lines = written
    .replaceAll('\r\n', '\n')
    // oxlint-disable-next-line no-control-regex -- what a terminal is told
    .replaceAll(/\u001b\[\?7[lh]/g, '')
    .replaceAll(/:[\w-]{20,}@/g, ':…@')
    .split('\n')
    .map((line) => line.split('\r\u001b[2K').at(-1)!)
    .filter((line) => !/Temporal {2,}\d|Temporal CLI|Temporal UI|database {2,}psql/.test(line));
  return [`\u001b[32m$\u001b[39m \u001b[1mtributary ${typed}\u001b[22m`, ...lines];
}

test('a first look: a repository read, and what is in it', async () => {
  const parts: string[] = [];
  for (const typed of [
    'sync git ../api --id acme/api',
    'events acme/api --path src/parser.ts --limit 4',
    'stats acme/api --days 3',
  ])
    parts.push(...(await session(typed)));
  const lines = parts.filter((line, at) => line !== '' || parts[at - 1] !== '');
  expect(lines.join('\n')).toMatch(/done in[\s\S]*src\/parser\.ts[\s\S]*By day[\s\S]*█/);
  expect(lines.join('\n')).not.toContain(directory);
  writeFileSync(join(packageRoot, 'docs', 'pictures', 'terminal.svg'), terminalSvg(lines, columns));
});
