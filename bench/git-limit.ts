// The limit of the git bench: the git commands alone, their output thrown away. A clone, the list of commits, their
// objects, their changes with line counts on two processes, and what merges changed themselves.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeAttributes } from '../src/sources/git/diff-drivers.js';
import { changesCommand, combinedCommand, diffRequestOf, type DiffCommand } from '../src/sources/git/diff-request.js';
import type { GitOptions } from '../src/sources/git/options.js';

const run = promisify(execFile);

/** Milliseconds for everything a sync with these options asks of git. */
export async function gitAloneMs(repository: string, options: GitOptions): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-git-alone-'));
  try {
    const start = performance.now();
    const mirror = join(directory, 'mirror.git');
    await run('git', ['clone', '-q', '--bare', '--no-local', repository, mirror]);
    await run(
      'git',
      ['--git-dir', mirror, '-c', 'core.commitGraph=false', 'rev-list', '--topo-order', '--reverse', '--all'],
      { maxBuffer: 1 << 30 },
    ).then(({ stdout }) => readAll(directory, mirror, stdout, changesCommand(diffRequestOf(options), mirror)));
    return performance.now() - start;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function readAll(directory: string, mirror: string, list: string, changes: DiffCommand): Promise<void> {
  await writeAttributes(mirror);
  const ids = list.trim().split('\n');
  const halves = [0, 1].map((half) => ids.filter((_, at) => Math.floor(at / 32) % 2 === half));
  await Promise.all([
    ...halves.map((half) => piped(directory, mirror, changes, half)),
    piped(directory, mirror, combinedCommand, ids),
    piped(directory, mirror, { args: ['cat-file', '--batch'], settings: [] }, ids),
  ]);
}

function piped(
  directory: string,
  mirror: string,
  { args, settings }: Pick<DiffCommand, 'args' | 'settings'>,
  ids: readonly string[],
): Promise<unknown> {
  const child = execFile(
    'sh',
    [
      '-c',
      'exec git "$@" > /dev/null',
      'sh',
      '--git-dir',
      mirror,
      ...settings.flatMap((setting) => ['-c', setting]),
      ...args,
    ],
    { cwd: directory },
  );
  child.stdin!.end(`${ids.join('\n')}\n`);
  return new Promise((resolve, reject) =>
    child.on('exit', (code) => (code === 0 ? resolve(code) : reject(new Error(`git ${args[0]} ended with ${code}`)))),
  );
}
