// A stack of its own with a source in each situation an operator meets: read, paused, followed, scheduled, broken, refused.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { keepLoopbackDirect } from '../../src/config.js';
import { freePort } from '../../src/local/free-port.js';
import type { Progress } from '../../src/workflows/messages.js';
import { tributary, type Outcome } from '../clients/command.js';
import { eventually } from '../support/eventually.js';

export interface Situations {
  readonly ui: string;
  readonly client: Client;
  close(): Promise<void>;
}

/** git's own; another one where that is taken. */
const gitPort = 9_418;
const commits = 40;

export async function startSituations(): Promise<Situations> {
  const home = mkdtempSync(join(tmpdir(), 'tributary-pictures-'));
  const run = (...words: string[]) => tributary(words, { TRIBUTARY_HOME: join(home, 'stack') });
  const daemon = await serveRepositories(join(home, 'git'));
  const { temporalAddress, temporalUi } = (await run('up', '--json')).items.at(-1) as {
    temporalAddress: string;
    temporalUi: string;
  };
  keepLoopbackDirect();
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  await makeAll(client, run, daemon.url, join(home, 'git'));
  return {
    ui: temporalUi,
    client,
    async close() {
      await connection.close();
      await run('down');
      await daemon.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

type Run = (...words: string[]) => Promise<Outcome>;

async function makeAll(client: Client, run: Run, origin: string, directory: string): Promise<void> {
  for (const name of ['legacy', 'api', 'web']) await run('sync', 'git', `${origin}/acme/${name}.git`);
  await run('schedule', 'acme/api', '--every', '15m');
  await run('schedule', 'trigger', 'acme/api');
  await run('follow', 'acme/web', '--every', '1m', '--detach');
  renameSync(join(directory, 'acme', 'legacy.git'), join(directory, 'acme', 'legacy-2026.git'));
  await run('sync', 'acme/legacy');
  await start(client, 'acme/wrong', { type: 'git', options: { repo: 'https://github.com/acme/wrong.git' } });
  await start(client, 'demo/invoices', { type: 'synthetic', options: { events: 400_000, seed: 2 } });
  await committed(client, 'demo/invoices', 3);
  const until = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 3_600_000).toISOString();
  await client.workflow
    .getHandle('sync/demo/invoices')
    .signal('pause', { reason: 'database maintenance, ticket 812', until, by: 'ana' });
  await becomes(client, 'demo/invoices', ({ state }) => state === 'paused');
}

/** Small pages: many of them, and a pause soon. */
export async function start(
  client: Client,
  id: string,
  source: { readonly type: string; readonly options: object },
): Promise<void> {
  const args = [{ source: { type: source.type, id, options: source.options }, batch: { events: 2_000, inFlight: 2 } }];
  await client.workflow.start('syncSource', {
    workflowId: `sync/${id}`,
    taskQueue: 'tributary',
    args,
    staticSummary: `${source.type}, made up for a picture`,
  });
}

export function committed(client: Client, id: string, pages: number): Promise<Progress> {
  return becomes(client, id, ({ pagesCommitted }) => pagesCommitted >= pages);
}

function becomes(client: Client, id: string, reached: (progress: Progress) => boolean): Promise<Progress> {
  return eventually(
    id,
    async () => {
      const progress = await client.workflow.getHandle(`sync/${id}`).query<Progress>('progress');
      return reached(progress) ? progress : null;
    },
    120_000,
  );
}

/** By git's own server: the pictures show urls, not paths of this machine. */
async function serveRepositories(directory: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
  for (const name of ['legacy', 'api', 'web']) makeRepository(join(directory, 'acme', `${name}.git`), name);
  const port = await freePort(gitPort);
  const daemon = spawn(
    'git',
    ['daemon', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${directory}`, '--export-all'],
    { stdio: 'ignore' },
  );
  return {
    url: port === gitPort ? 'git://127.0.0.1' : `git://127.0.0.1:${port}`,
    async stop() {
      daemon.kill();
      await once(daemon, 'close');
    },
  };
}

function makeRepository(directory: string, name: string): void {
  mkdirSync(directory, { recursive: true });
  const person = `Ana <ana@acme.example> 1790000000 +0000`;
  const commands = Array.from(
    { length: commits },
    (_, at) =>
      `commit refs/heads/main\ncommitter ${person}\ndata <<E\n${name} ${at}\nE\nM 644 inline file-${at}\ndata <<E\n${at}\nE\n`,
  );
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', directory]);
  execFileSync('git', ['-C', directory, 'fast-import', '--quiet'], { input: commands.join('\n') });
  writeFileSync(join(directory, 'description'), name);
}
