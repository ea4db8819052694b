// The SDK's own download of the official CLI (https://temporal.download), into our cache.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { guardChild } from '../process-guard.js';
import { makeDirectory } from './directory.js';
import { builtFile } from './built.js';
import { childEnvironment } from './environment.js';
import { until } from './until.js';

/** The archive has some 60 MB, so the whole is not bounded; standing still is. Covers resolving, connecting and starting. */
const STALLED_MS_MAX = 30_000;
const LOOK_EVERY_MS = 100;

/** Downloads into `directory` and returns the program's path; fails when nothing arrives for 30 s. */
export async function downloadTemporalCli(
  directory: string,
  onProgress: (line: string) => void,
  entry = builtFile('local/temporal-cli-sdk.js'),
  stalledMs = STALLED_MS_MAX,
): Promise<string> {
  onProgress('Temporal CLI: downloading it from temporal.download');
  makeDirectory(directory, 0o700);
  const work = mkdtempSync(join(directory, 'download-'));
  try {
    const failure = await runWatched(entry, work, stalledMs);
    const program = downloaded(work);
    if (program === undefined) throw new Error(failure ?? 'the download ended without a file');
    const path = join(directory, process.platform === 'win32' ? 'temporal.exe' : 'temporal');
    renameSync(program, path);
    return path;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A complete file counts even if the SDK then failed to start a server with it. Incomplete ones end in .downloading. */
function downloaded(work: string): string | undefined {
  const name = readdirSync(work).find((file) => file.startsWith('temporal-') && !file.endsWith('.downloading'));
  return name === undefined ? undefined : join(work, name);
}

async function runWatched(entry: string, work: string, stalledMs: number): Promise<string | null> {
  const child = spawn(process.execPath, [entry, work], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: childEnvironment({}),
  });
  guardChild(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors = (errors + text).slice(-4_000)));
  const ended = new Promise<number | null>((resolve) =>
    child.once('close', resolve).once('error', () => resolve(null)),
  );
  const failed = ended.then((code) => (code === 0 ? null : messageIn(errors)));
  const stalled = await stalls(work, ended, stalledMs);
  if (!stalled) return failed;
  child.kill('SIGKILL');
  await ended;
  return `nothing arrived for ${stalledMs / 1_000} s`;
}

/** True when the download stood still for too long, false when the process ended by itself. */
async function stalls(work: string, ended: Promise<unknown>, stalledMs: number): Promise<boolean> {
  let over = false;
  void ended.then(() => (over = true));
  while (!over) {
    const before = bytesIn(work);
    const moved = await until(() => over || bytesIn(work) !== before, stalledMs, LOOK_EVERY_MS);
    if (moved === null) return true;
  }
  return false;
}

function bytesIn(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, file) => sum + (statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** Without the brackets and the stack that Node prints around it. */
function messageIn(errors: string): string {
  const line = errors.split('\n').find((text) => /\w*Error: /.test(text)) ?? errors;
  return (
    line
      .trim()
      .replace(/^\[?\w*Error: /, '')
      .replace(/\]$/, '') || 'the download failed without a message'
  );
}
