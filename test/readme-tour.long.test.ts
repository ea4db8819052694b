// The README's tour, run as it stands there, in order: in a clone of this repository, with a home and a stack of its own.
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, inject, test } from 'vitest';
import { packageRoot } from '../src/package-root.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-tour-'));
const clone = join(root, 'tributary');
const readme = readFileSync(join(packageRoot, 'README.md'), 'utf8');
const tour = readme.slice(
  readme.indexOf('\n## A tour\n'),
  readme.indexOf('\n## ', readme.indexOf('\n## A tour\n') + 1),
);
const lines = tour.split('\n').filter((line) => line.startsWith('npx tributary '));

afterAll(async () => {
  await shell('npx tributary down');
  rmSync(root, { recursive: true, force: true });
});

/** `npx tributary` is this checkout's program, as it is in a clone after `npm ci`. */
function programs(): string {
  const directory = join(root, 'programs');
  mkdirSync(directory);
  const npx = join(directory, 'npx');
  writeFileSync(npx, `#!/bin/sh\nshift\nexec '${process.execPath}' '${join(packageRoot, 'bin/tributary.js')}' "$@"\n`);
  chmodSync(npx, 0o755);
  return directory;
}

let path: string | undefined;
async function shell(command: string): Promise<string> {
  path ??= `${programs()}:${process.env['PATH']}`;
  const { DATABASE_URL: _, TEMPORAL_ADDRESS: __, ...inherited } = process.env;
  const home = join(root, 'home');
  const env = {
    ...inherited,
    PATH: path,
    HOME: home,
    TRIBUTARY_HOME: join(home, 'data'),
    TRIBUTARY_TEMPORAL_CLI: inject('temporalCli'),
  };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: clone, env, timeout: 120_000 });
  return stdout;
}

/** What each line is there for, in the README's order. */
const shown: readonly (readonly [RegExp, RegExp])[] = [
  [/sync \. /, /inserted[^]*Newest events[^]*git\./],
  [/sync synthetic /, /total +20,?000/],
  [/status/, /demo\/made-up[^]*demo\/tributary/],
  [/events --type/, /git\.commit +demo\/tributary/],
  [/events demo/, /src\/domain\//],
  [/events show/, /git\.[\s\S]*key +demo\/tributary@1\.1\.1/],
  [/stats/, /demo\/made-up[^]*synthetic\.order/],
  [/verify/, /lost 0.*doubled 0.*invented 0.*altered 0/],
  [/dead-letters list/, /not_json/],
  [/dead-letters show/, /not_json/],
  [/sync demo/, /2 sources/],
  [/follow/, /demo\/tributary/],
  [/pause/, /paused/],
  [/resume/, /demo\/tributary/],
  [/stop/, /demo\/tributary/],
  [/schedule demo/, /every 5/],
  [/schedule remove/, /demo\/made-up/],
  [/sources set/, /batch\.events/],
  [/config dump/, /demo\/made-up:[^]*demo\/tributary:/],
  [/types git/, /maxCommits[^]*git\.commit/],
  [/logs/, /./],
  [/doctor/, /ok +node: /],
  [/down/, /./],
];

test('every line of the tour works as it stands, in order, and shows what it is there for', async () => {
  mkdirSync(join(root, 'home'));
  execFileSync('git', ['clone', '--quiet', packageRoot, clone]);
  expect(lines).toHaveLength(shown.length);
  for (const [at, line] of lines.entries()) {
    const [words, output] = shown[at]!;
    expect(line).toMatch(words);
    expect.soft(await shell(line), line).toMatch(output);
  }
}, 300_000);
