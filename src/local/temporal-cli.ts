// Finds the `temporal` program, or gets it: each way in turn, the cheapest first.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config.js';
import { InvalidInput, isEngineError, NeedsAttention } from '../domain/errors.js';
import { runCommand } from './command.js';
import { cacheDirectory, inherited, searchPath } from './environment.js';
import type { Environment } from './environment.js';
import { buildTemporalCli } from './temporal-cli-build.js';
import { downloadTemporalCli } from './temporal-cli-download.js';

/** `temporal --version` takes 0.2 s; the first run of a 250 MB program from a cold disk takes longer. */
const VERSION_MS_MAX = 20_000;
const PROGRAM = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

export type Progress = (line: string) => void;

/** The ways that fetch something, replaceable so that tests need no network and no compiler. */
export interface CliSources {
  /** Takes what a failed way said, whole; people are told the end of it. */
  readonly log: (line: string) => void;
  readonly environment: Environment;
  readonly download: (directory: string, onProgress: Progress) => Promise<string>;
  readonly build: (directory: string, onProgress: Progress) => Promise<string>;
}

/** Only the supervisor comes to fetch one, and its standard error is its log. */
const ordinary: CliSources = {
  environment: inherited,
  download: downloadTemporalCli,
  build: buildTemporalCli,
  log: (line) => void process.stderr.write(`${line}\n`),
};

export async function findTemporalCli(
  config: Pick<Config, 'temporalCli'>,
  onProgress: Progress,
  sources: CliSources = ordinary,
): Promise<string> {
  const named = await namedCli(config);
  if (named !== null) return named;
  const cache = cacheDirectory(sources.environment);
  for (const candidate of await candidates(sources.environment, cache)) {
    if ((await refusalOf(candidate)) === null) return candidate;
  }
  return obtain(cache, onProgress, sources);
}

/** The program that is here already, or null: fetches nothing. Throws InvalidInput when the named one is none. */
export async function presentTemporalCli(config: Pick<Config, 'temporalCli'>): Promise<string | null> {
  const absent = (): Promise<never> => Promise.reject(new Error('not looked for'));
  try {
    const nothing = { download: absent, build: absent, log: () => undefined };
    return await findTemporalCli(config, () => undefined, { environment: inherited, ...nothing });
  } catch (error) {
    if (isEngineError(error) && error.next === 'attention') return null;
    throw error;
  }
}

/** TRIBUTARY_TEMPORAL_CLI: what is named is used or refused, never passed over. */
export async function namedCli(config: Pick<Config, 'temporalCli'>): Promise<string | null> {
  const path = config.temporalCli;
  if (path === undefined) return null;
  const refusal = await refusalOf(path);
  if (refusal === null) return path;
  throw new InvalidInput(
    'TRIBUTARY_TEMPORAL_CLI',
    `${path} ${refusal}; expected the path of Temporal's command line program. Correct it, or unset it to have one found.`,
  );
}

async function candidates(environment: Environment, cache: string): Promise<string[]> {
  const home = environment['HOME'] ?? '';
  const places = [...searchPath(environment), cache, join(home, 'go', 'bin'), ...goBin(environment)];
  return [...new Set(places.map((place) => join(place, PROGRAM)))].filter((path) => existsSync(path));
}

function goBin(environment: Environment): string[] {
  const paths = [environment['GOBIN'], ...(environment['GOPATH']?.split(':').map((path) => join(path, 'bin')) ?? [])];
  return paths.filter((path) => path !== undefined && path !== '') as string[];
}

/** Why this is not Temporal's program, or null; another program may have its name. */
async function refusalOf(path: string): Promise<string | null> {
  if (!existsSync(path)) return 'does not exist';
  if (!isExecutableFile(path)) return 'is not an executable file';
  const asked = await runCommand(path, ['--version'], { timeoutMs: VERSION_MS_MAX });
  if (!asked.ok) return `does not run (${asked.failure})`;
  return /^temporal version \S+.*\bServer\b/m.test(asked.output)
    ? null
    : `is another program (--version says ${JSON.stringify(asked.output.slice(0, 80))})`;
}

function isExecutableFile(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function obtain(cache: string, onProgress: Progress, sources: CliSources): Promise<string> {
  const failures: string[] = [];
  for (const [way, get] of [
    ['download', sources.download],
    ['go install', sources.build],
  ] as const) {
    try {
      const path = await get(cache, onProgress);
      const refusal = await refusalOf(path);
      if (refusal === null) return path;
      failures.push(`${way}: ${path} ${refusal}`);
    } catch (error) {
      const { message } = error as Error;
      sources.log(`Temporal CLI: ${way}: ${message}`);
      failures.push(`${way}: ${reasonIn(message)}`);
    }
    onProgress(`Temporal CLI: ${failures.at(-1)}`);
  }
  throw new NeedsAttention(
    'temporal_cli',
    `no Temporal CLI was found, and none could be had (${failures.join('; ')}). ${ADVICE}`,
  );
}

const reasonCharsMax = 120;

/** Programs put what happened last, behind what they were about: the last line, and of it the last words between colons. */
function reasonIn(message: string): string {
  const parts = (message.trim().split('\n').at(-1) ?? '').trim().split(': ');
  const from = parts.findIndex((_, at) => parts.slice(at).join(': ').length <= reasonCharsMax);
  return from < 0 ? `…${parts.at(-1)!.slice(-reasonCharsMax)}` : parts.slice(from).join(': ');
}

const ADVICE =
  'Install it (https://docs.temporal.io/cli#install; macOS and Linux: brew install temporal) so that `temporal` is on PATH, ' +
  'or set TRIBUTARY_TEMPORAL_CLI to its path, or set TEMPORAL_ADDRESS to a Temporal server that runs already.';
