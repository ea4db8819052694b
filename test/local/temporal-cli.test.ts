import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InvalidInput, NeedsAttention } from '../../src/domain/errors.js';
import { buildTemporalCli } from '../../src/local/temporal-cli-build.js';
import { downloadTemporalCli } from '../../src/local/temporal-cli-download.js';
import { findTemporalCli } from '../../src/local/temporal-cli.js';
import type { CliSources } from '../../src/local/temporal-cli.js';

const REAL_VERSION = 'echo "temporal version 1.5.1 (Server 1.29.1, UI 2.42.1)"';
let home = '';

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
});

afterEach(() => rmSync(home, { recursive: true, force: true }));

function program(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

function script(name: string, body: string): string {
  const path = join(home, name);
  writeFileSync(path, body);
  return path;
}

/** A user with nothing installed and no network; `own` changes that. */
function sources(own: Partial<CliSources> = {}, path = join(home, 'bin')): CliSources {
  const refuse = (why: string) => () => Promise.reject(new Error(why));
  return {
    environment: { HOME: home, PATH: path },
    download: refuse('no network'),
    build: refuse('no compiler'),
    log: () => undefined,
    ...own,
  };
}

const find = (own?: CliSources, temporalCli?: string): Promise<string> =>
  findTemporalCli({ temporalCli }, () => undefined, own ?? sources());

test('TRIBUTARY_TEMPORAL_CLI that leads nowhere, or to another program, is refused by name', async () => {
  const missing = join(home, 'missing');
  await expect(find(undefined, missing)).rejects.toThrow(InvalidInput);
  await expect(find(undefined, missing)).rejects.toThrow(`TRIBUTARY_TEMPORAL_CLI: ${missing} does not exist`);
  await expect(find(undefined, home)).rejects.toThrow('is not an executable file');
  await expect(find(undefined, program(join(home, 'other'), 'echo hello'))).rejects.toThrow('another program');
});

test('TRIBUTARY_TEMPORAL_CLI wins over PATH', async () => {
  program(join(home, 'bin', 'temporal'), REAL_VERSION);
  const named = program(join(home, 'named'), REAL_VERSION);
  expect(await find(undefined, named)).toBe(named);
});

test('a program on PATH that only has the name is passed over for the next one', async () => {
  program(join(home, 'bin', 'temporal'), 'echo "temporal version 3 of something else"');
  const real = program(join(home, 'more', 'temporal'), REAL_VERSION);
  expect(await find(sources({}, `${join(home, 'bin')}:${join(home, 'more')}`))).toBe(real);
});

test('without one on PATH the cache is looked at, then what go install made', async () => {
  const built = program(join(home, 'go', 'bin', 'temporal'), REAL_VERSION);
  expect(await find()).toBe(built);
  const cached = program(join(home, '.cache', 'tributary', 'temporal'), REAL_VERSION);
  expect(await find()).toBe(cached);
});

test('it is downloaded when nothing is there, built when that fails, each kept in the cache', async () => {
  const make = (directory: string): Promise<string> =>
    Promise.resolve(program(join(directory, 'temporal'), REAL_VERSION));
  const cached = join(home, '.cache', 'tributary', 'temporal');
  expect(await find(sources({ download: make }))).toBe(cached);
  rmSync(cached);
  expect(await find(sources({ build: make }))).toBe(cached);
});

test('when nothing helps, the error names each way and what to do', async () => {
  const failed = find();
  await expect(failed).rejects.toThrow(NeedsAttention);
  await expect(failed).rejects.toThrow(
    /no network.*no compiler.*docs\.temporal\.io.*TRIBUTARY_TEMPORAL_CLI.*TEMPORAL_ADDRESS/s,
  );
});

test('what a way said is told in one short line, by its end; the log has all of it', async () => {
  const url = 'https://temporal.download/cli/default?arch=amd64&platform=linux&format=tar.gz';
  const sdk = `Failed to start: error sending request for url (${url}): error sending request for url (${url}): client error (Connect): dns error: failed to lookup address information: Name or service not known`;
  const go = `exit code 1: go: downloading one\n${'go: downloading another\n'.repeat(50)}go: no such module`;
  const [told, logged]: [string[], string[]] = [[], []];
  const failing = sources({
    download: () => Promise.reject(new Error(sdk)),
    build: () => Promise.reject(new Error(go)),
    log: (line) => logged.push(line),
  });
  await expect(findTemporalCli({ temporalCli: undefined }, (line) => told.push(line), failing)).rejects.toThrow(
    /^[^\n]{1,700}$/,
  );
  expect(told).toEqual([
    'Temporal CLI: download: client error (Connect): dns error: failed to lookup address information: Name or service not known',
    'Temporal CLI: go install: go: no such module',
  ]);
  expect(logged).toEqual([`Temporal CLI: download: ${sdk}`, `Temporal CLI: go install: ${go}`]);
});

test('the download takes the complete file and leaves nothing else', async () => {
  const cache = join(home, 'cache');
  const entry = script(
    'download.mjs',
    "import { writeFileSync } from 'node:fs'; writeFileSync(`${process.argv[2]}/temporal-sdk-typescript-1`, 'x'); throw new Error('server did not start');",
  );
  expect(await downloadTemporalCli(cache, () => undefined, entry)).toBe(join(cache, 'temporal'));
  expect(readdirSync(cache)).toEqual(['temporal']);
});

test('a failed download says why, one that stands still is ended', async () => {
  const cache = join(home, 'cache');
  const fails = script('fails.mjs', "throw new Error('dns error: no such host');");
  await expect(downloadTemporalCli(cache, () => undefined, fails)).rejects.toThrow('dns error: no such host');
  const hangs = script(
    'hangs.mjs',
    "import { writeFileSync } from 'node:fs'; writeFileSync(`${process.argv[2]}/temporal-1.downloading`, 'x'); setInterval(() => {}, 1000);",
  );
  await expect(downloadTemporalCli(cache, () => undefined, hangs, 500)).rejects.toThrow('nothing arrived for 0.5 s');
  expect(readdirSync(cache)).toEqual([]);
});

test('the build tells go where to put the program, and repeats what go says when it fails', async () => {
  const go = program(
    join(home, 'go-program'),
    `printf '#!/bin/sh\\n' > "$GOBIN/temporal"; echo "$1 $2" > "${home}/asked"`,
  );
  expect(await buildTemporalCli(join(home, 'cache'), () => undefined, go)).toBe(join(home, 'cache', 'temporal'));
  const failing = program(join(home, 'failing'), 'echo "go: module lookup disabled" >&2; exit 1');
  await expect(buildTemporalCli(join(home, 'cache'), () => undefined, failing)).rejects.toThrow(
    'go: module lookup disabled',
  );
});
