// git: a repository's whole history, as a ratio to the git commands alone plus storing at the throughput measured here.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeHistory } from './git-history.js';
import { gitAloneMs } from './git-limit.js';
import { startRig, type Rig } from './rig.js';
import { git } from '../src/sources/git/index.js';

export interface GitFigures {
  readonly commits: number;
  readonly events: number;
  readonly gitAloneMs: number;
  /** The events at the rate of synthetic ones on this rig. */
  readonly storeAloneMs: number;
  readonly syncMs: number;
  /** syncMs ÷ (gitAloneMs + storeAloneMs); at most 1.5 is the aim. */
  readonly ratio: number;
  readonly nothingNewMs: number;
  readonly workerPeakMib: number | null;
  readonly historyEvents: number;
}

/** `repository` is a path of a local repository; without one a history of `commits` commits is made. `options`: of the source, beside url. */
export async function gitBench(commits: number, repository: string | undefined, options: object): Promise<GitFigures> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-bench-git-'));
  const rig = await startRig();
  try {
    const made = join(directory, 'made.git');
    if (repository === undefined) await makeHistory(made, commits);
    return await measure(rig, { ...options, url: repository ?? made });
  } finally {
    await rig.close();
    await rm(directory, { recursive: true, force: true });
  }
}

async function measure(rig: Rig, options: { readonly url: string }): Promise<GitFigures> {
  const synthetic = { type: 'synthetic', id: 'bench/rate', options: { events: 100_000, seed: 3 } };
  await rig.sync({ source: { ...synthetic, id: 'bench/warm-up', options: { events: 20_000, seed: 4 } } });
  const rate = 100_000 / (await rig.sync({ source: synthetic })).ms;
  const alone = await gitAloneMs(options.url, git.options.parse(options));
  const source = { type: 'git', id: 'bench/git', options };
  const first = await rig.sync({ source });
  const second = await rig.sync({ source });
  const { rows } = await rig.pool.query<{ commits: string }>(
    `select count(*) as commits from events where type = 'git.commit'`,
  );
  const storeAloneMs = first.result.total / rate;
  return {
    commits: Number(rows[0]!.commits),
    events: first.result.total,
    gitAloneMs: Math.round(alone),
    storeAloneMs: Math.round(storeAloneMs),
    syncMs: Math.round(first.ms),
    ratio: Math.round((100 * first.ms) / (alone + storeAloneMs)) / 100,
    nothingNewMs: Math.round(second.ms),
    workerPeakMib: rig.workerPeakMib(),
    historyEvents: first.historyEvents,
  };
}
