// operation: how long a commit takes to be stored while its repository is followed at an interval of one second, and how soon
// a sync that is told to pause stands at a page boundary.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../src/local/until.js';
import type { Progress } from '../src/workflows/messages.js';
import { startRig, type Rig } from './rig.js';

export interface OperationFigures {
  readonly commits: number;
  readonly pollIntervalMs: number;
  readonly commitToStoredP50Ms: number;
  readonly commitToStoredMaxMs: number;
  /** One look of git alone at the same repository: what no interval can save. */
  readonly gitLookMs: number;
  readonly pauseMs: number;
  /** Pages that began after the pause was said. */
  readonly pagesBegunAfterPause: number;
}

const pollIntervalMs = 1_000;
const boundMs = 60_000;

export async function operation(commits: number): Promise<OperationFigures> {
  const rig = await startRig();
  const repository = mkdtempSync(join(tmpdir(), 'tributary-followed-'));
  try {
    return { commits, pollIntervalMs, ...(await followed(rig, repository, commits)), ...(await paused(rig)) };
  } finally {
    await rig.close();
    rmSync(repository, { recursive: true });
  }
}

function git(repository: string, ...words: string[]): void {
  const who = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'commit.gpgsign=false'];
  execFileSync('git', [...who, ...words], { cwd: repository, stdio: 'ignore' });
}

async function followed(rig: Rig, repository: string, commits: number) {
  git(repository, 'init', '-q');
  git(repository, 'commit', '-q', '--allow-empty', '-m', 'first');
  const id = 'bench/followed';
  const input = { source: { type: 'git', id, options: { url: repository } }, mode: 'follow', pollIntervalMs };
  const handle = await rig.client.workflow.start('syncSource', {
    taskQueue: 'tributary',
    workflowId: `sync/${id}`,
    args: [input],
  });
  await stored(rig, id, 1);
  const took: number[] = [];
  for (let commit = 0; commit < commits; commit++) {
    git(repository, 'commit', '-q', '--allow-empty', '-m', `commit ${commit}`);
    const start = performance.now();
    await stored(rig, id, commit + 2);
    took.push(performance.now() - start);
  }
  await handle.signal('stop');
  await handle.result();
  const start = performance.now();
  git(repository, 'ls-remote', repository);
  took.sort((one, other) => one - other);
  return {
    commitToStoredP50Ms: Math.round(took[Math.floor(took.length / 2)]!),
    commitToStoredMaxMs: Math.round(took.at(-1)!),
    gitLookMs: Math.round(performance.now() - start),
  };
}

async function stored(rig: Rig, source: string, commits: number): Promise<void> {
  const found = await until(
    async () => {
      const { rows } = await rig.pool.query<{ found: number }>(
        `select count(*)::integer as found from events where source = $1 and type = 'git.commit'`,
        [source],
      );
      return rows[0]!.found >= commits ? true : null;
    },
    boundMs,
    10,
  );
  if (found === null) throw new Error(`${commits} commits of ${source} were not stored within ${boundMs} ms`);
}

async function paused(rig: Rig) {
  const source = { type: 'synthetic', id: 'bench/paused', options: { events: 10_000_000, pageEvents: 1_000 } };
  const handle = await rig.client.workflow.start('syncSource', {
    taskQueue: 'tributary',
    workflowId: 'sync/bench/paused',
    args: [{ source, batch: { events: 5_000 } }],
  });
  await reaches(handle, ({ pagesCommitted }) => pagesCommitted > 5);
  const before = await handle.query<Progress>('progress');
  const start = performance.now();
  await handle.signal('pause', { reason: 'bench' });
  const after = await reaches(handle, ({ state }) => state === 'paused');
  const pauseMs = Math.round(performance.now() - start);
  await handle.signal('stop');
  await handle.result();
  return { pauseMs, pagesBegunAfterPause: after.pagesFetched - before.pagesFetched };
}

async function reaches(handle: WorkflowHandle, there: (progress: Progress) => boolean): Promise<Progress> {
  const found = await until(
    async () => {
      const progress = await handle.query<Progress>('progress');
      return there(progress) ? progress : null;
    },
    boundMs,
    5,
  );
  if (found === null) throw new Error(`the sync was not there within ${boundMs} ms`);
  return found;
}
