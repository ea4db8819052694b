// hook: what the commit hook costs `git commit`, and how soon its commit is stored. The limit is the same commit without
// the hook. As between two commits of a person, each begins when the one before is stored.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspectHook, installHook } from '../src/clients/hook/hook-file.js';
import { hookNames, hookScript } from '../src/clients/hook/script.js';
import { loadConfig } from '../src/config.js';
import { startRig, type Rig } from './rig.js';

export interface HookFigures {
  readonly commits: number;
  readonly withoutP50Ms: number;
  readonly withoutP95Ms: number;
  readonly withP50Ms: number;
  readonly withP95Ms: number;
  /** Differences of the two above; under 50 is the aim. */
  readonly costP50Ms: number;
  readonly costP95Ms: number;
  readonly storedP50Ms: number;
  readonly storedP95Ms: number;
  /** A rebase of as many commits, one right after the other. */
  readonly rebaseWithoutMs: number;
  readonly rebaseWithMs: number;
  readonly rebaseSyncs: number;
  readonly rebaseStoredMs: number;
}

const source = 'bench/hook';

export async function hookBench(commits: number): Promise<HookFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-bench-hook-'));
  const rig = await startRig();
  try {
    git(directory, 'init', '-q', '-b', 'main');
    commit(directory, 'root');
    await rig.sync({ source: { type: 'git', id: source, options: { url: directory } } });
    return {
      commits,
      ...(await measureCommits(rig, directory, commits)),
      ...(await measureRebase(rig, directory, commits)),
    };
  } finally {
    await rig.close();
    await rm(directory, { recursive: true, force: true });
  }
}

/** In turns, so that both see the same machine. */
async function measureCommits(rig: Rig, directory: string, commits: number) {
  const [without, withHook, stored]: [number[], number[], number[]] = [[], [], []];
  for (let at = 0; at < commits; at++) {
    install(rig, directory, false);
    without.push(commit(directory, `without ${at}`));
    install(rig, directory, true);
    const start = performance.now();
    withHook.push(commit(directory, `with ${at}`));
    await untilStored(rig, directory);
    stored.push(performance.now() - start);
    await untilIdle(rig);
  }
  const figures = {
    withoutP50Ms: at(without, 0.5),
    withoutP95Ms: at(without, 0.95),
    withP50Ms: at(withHook, 0.5),
    withP95Ms: at(withHook, 0.95),
  };
  return {
    ...figures,
    costP50Ms: round(figures.withP50Ms - figures.withoutP50Ms),
    costP95Ms: round(figures.withP95Ms - figures.withoutP95Ms),
    storedP50Ms: at(stored, 0.5),
    storedP95Ms: at(stored, 0.95),
  };
}

async function measureRebase(rig: Rig, directory: string, commits: number) {
  install(rig, directory, false);
  git(directory, 'checkout', '-q', '-b', 'topic');
  for (let at = 0; at < commits; at++) commit(directory, `topic ${at}`);
  const rebase = (onto: string): number => {
    git(directory, 'checkout', '-q', 'main');
    commit(directory, onto);
    const start = performance.now();
    git(directory, 'rebase', '-q', '--keep-empty', 'main', 'topic');
    return performance.now() - start;
  };
  const rebaseWithoutMs = round(rebase('meanwhile'));
  install(rig, directory, true);
  const before = await runsOf(rig);
  const rebaseWithMs = round(rebase('again'));
  const start = performance.now();
  await untilStored(rig, directory);
  const rebaseStoredMs = round(performance.now() - start);
  await untilIdle(rig);
  return { rebaseWithoutMs, rebaseWithMs, rebaseSyncs: (await runsOf(rig)) - before, rebaseStoredMs };
}

function install(rig: Rig, directory: string, on: boolean): void {
  const config = loadConfig({ TRIBUTARY_HOME: rig.home, TEMPORAL_ADDRESS: rig.temporalAddress });
  git(directory, 'config', 'core.hooksPath', on ? join(directory, '.git', 'hooks') : '/dev/null');
  for (const name of hookNames)
    installHook(
      inspectHook(join(directory, '.git', 'hooks'), name),
      hookScript(name, { source, start: false }, config),
    );
}

function commit(directory: string, message: string): number {
  const start = performance.now();
  git(directory, 'commit', '-q', '--allow-empty', '-m', message);
  return performance.now() - start;
}

function git(directory: string, ...words: string[]): string {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', '-c', 'commit.gpgSign=false'];
  return execFileSync('git', [...identity, ...words], {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
}

async function untilStored(rig: Rig, directory: string): Promise<void> {
  const head = git(directory, 'rev-parse', 'HEAD');
  for (;;) {
    const { rowCount } = await rig.pool.query('select 1 from event_hashes where source = $1 and event_id = $2', [
      source,
      head,
    ]);
    if (rowCount === 1) return;
    await sleep(5);
  }
}

/** The next commit finds the machine at rest. */
async function untilIdle(rig: Rig): Promise<void> {
  const state = join(rig.home, 'hooks', source.replaceAll('/', '+'));
  while (existsSync(join(state, 'lock')) || existsSync(join(state, 'pending'))) await sleep(5);
  for (;;) {
    const { rowCount } = await rig.pool.query('select 1 from runs where source = $1 and closed_at is null', [source]);
    if (rowCount === 0) return;
    await sleep(5);
  }
}

async function runsOf(rig: Rig): Promise<number> {
  const { rows } = await rig.pool.query<{ runs: number }>(
    'select count(*)::integer as runs from runs where source = $1',
    [source],
  );
  return rows[0]!.runs;
}

function at(times: readonly number[], share: number): number {
  return round(times.toSorted((one, other) => one - other)[Math.ceil(share * times.length) - 1]!);
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
