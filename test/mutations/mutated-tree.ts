// A copy of the project with one wrong change, and what a test file says of it. The test runs in a process of its own,
// on the servers this suite runs on.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/package-root.js';

export interface WrongChange {
  /** What goes wrong, as the end of "noticed: …". */
  readonly what: string;
  readonly file: string;
  /** Found once in the file. */
  readonly find: string;
  readonly replace: string;
  /** The test file that notices. */
  readonly test: string;
  /** A pattern of the names of the tests that do: the others of the file would take minutes. */
  readonly named?: string;
  /** The test starts processes of its own, which run what is built. */
  readonly built?: true;
}

export interface Servers {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
}

export interface Verdict {
  readonly failed: number;
  /** What the run printed, where it came to no verdict. */
  readonly output: string;
}

/** Of the project's folder; what begins with a dot is no part of what runs either. */
const notCopied: readonly string[] = ['node_modules', 'deploy'];
/** A wrong change may make a test hang until its own time is up, and its worker after it. */
const runMsMax = 240_000;

/** Runs the named test over a copy of the project with the change made. */
export async function testOf(change: WrongChange, servers: Servers): Promise<Verdict> {
  const root = mkdtempSync(join(tmpdir(), 'tributary-mutated-'));
  try {
    const how = { recursive: true, preserveTimestamps: true };
    for (const name of copied()) cpSync(join(packageRoot, name), join(root, name), how);
    symlinkSync(join(packageRoot, 'node_modules'), join(root, 'node_modules'));
    makeWrong(root, change);
    return await run(root, change, servers);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Read from the folder: a list of names would be missing the next one. */
function copied(): string[] {
  return readdirSync(packageRoot).filter((name) => !name.startsWith('.') && !notCopied.includes(name));
}

/** The file with the change made. Throws when its place is not there once. */
export function wrong(root: string, { file, find, replace }: WrongChange): string {
  const parts = readFileSync(join(root, file), 'utf8').split(find);
  if (parts.length === 2) return parts.join(replace);
  const places = `${parts.length - 1} places that read ${JSON.stringify(find)}`;
  throw new Error(`${file} has ${places}, expected one: mend the list of wrong changes`);
}

/** The bundle of the workflows, and the programs that tests start, are built anew only where they would differ. */
function makeWrong(root: string, change: WrongChange): void {
  const path = join(root, change.file);
  writeFileSync(path, wrong(root, change));
  const bundled = /^src\/(workflows|domain)\//.test(change.file);
  if (!bundled && change.built === undefined) utimesSync(path, new Date(0), new Date(0));
}

async function run(root: string, { test, named }: WrongChange, servers: Servers): Promise<Verdict> {
  const results = join(root, 'results.json');
  const only = named === undefined ? [] : ['-t', named];
  const { databaseUrl: DATABASE_URL, temporalAddress: TEMPORAL_ADDRESS } = servers;
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--project', 'all', test, ...only], {
    cwd: root,
    env: { ...process.env, VITEST_JSON: results, DATABASE_URL, TEMPORAL_ADDRESS },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: runMsMax,
    killSignal: 'SIGKILL',
  });
  const output: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => output.push(chunk));
  await once(child, 'close');
  return { failed: existsSync(results) ? failedIn(results) : 0, output: Buffer.concat(output).toString() };
}

/** Tests, not files: one that cannot even be loaded has noticed nothing. */
function failedIn(results: string): number {
  return (JSON.parse(readFileSync(results, 'utf8')) as { readonly numFailedTests: number }).numFailedTests;
}
