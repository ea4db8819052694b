// The commands of docs/operating.md for the `temporal` program, run as they stand there, in order, and what each brings about;
// and the links into the Temporal UI, as far as they can be asked without it.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { packageRoot } from '../src/package-root.js';
import type { Progress } from '../src/workflows/messages.js';
import { testDatabase } from './support/database.js';
import { eventually } from './support/eventually.js';
import { testWorker, type TestWorker } from './support/temporal.js';

const database = testDatabase();
const [source, events] = ['demo/made-up', 300_000];
let worker: TestWorker;
beforeAll(async () => {
  worker = await testWorker(database, { taskQueue: 'tributary' });
});
afterAll(() => worker.stop());

const pages = ['README.md', 'docs/operating.md'].map((name) => ({
  name,
  text: readFileSync(join(packageRoot, name), 'utf8'),
}));
const operating = pages[1]!.text;
const commands = operating.split('\n').filter((line) => line.startsWith('temporal '));
const links = pages.flatMap(({ text }) =>
  [...text.matchAll(/\]\((http:\/\/127\.0\.0\.1:8233[^)]*)\)/g)].map(([, url]) => new URL(url!)),
);

async function shell(command: string): Promise<string> {
  const cli = inject('temporalCli');
  const env = {
    ...process.env,
    PATH: `${dirname(cli)}:${process.env['PATH']}`,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
  };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env, timeout: 60_000 });
  return stdout;
}

function sync() {
  return worker.client.workflow.getHandle(`sync/${source}`);
}

/** The page's commands read 300,000 events, on a machine that runs another file's tests beside these. */
const becomesMsMax = 120_000;

async function becomes(what: string, reached: (progress: Progress) => boolean): Promise<void> {
  await eventually(what, async () => reached(await sync().query<Progress>('progress')), becomesMsMax);
}

async function count(query: string): Promise<number> {
  return (await database.pool.query<{ found: number }>(`select count(*)::int as found from ${query}`, [source]))
    .rows[0]!.found;
}

/** A schedule's describe, with the fields that matter. */
function schedule() {
  return worker.client.schedule.getHandle(`sync/${source}`).describe();
}

/** In the page's order; each awaits or asserts what its command brings about. A command that is not here has no effect. */
const effects: readonly (readonly [RegExp, (output: string) => unknown])[] = [
  [/workflow start .*"batch"/, () => becomes('pages are read', ({ pagesCommitted }) => pagesCommitted > 0)],
  [/workflow query/, (output) => expect(output).toContain('"state":"running"')],
  [/setBatch/, () => eventually('a page of 1,000', () => count(`ledger where source = $1 and fetched = 1000`))],
  [/signal .* pause/, () => becomes('it is paused', ({ state }) => state === 'paused')],
  [
    /workflow metadata/,
    (output) => expect(output).toMatch(/is \*\*paused\*\*\n- paused by ana until 2040-01-31 12:00:00 UTC: ticket 812/),
  ],
  [/workflow terminate/, async () => expect((await sync().describe()).status.name).toBe('TERMINATED')],
  [
    /workflow start/,
    () => becomes('the new run waits, too', ({ state, pagesFetched }) => state === 'paused' && pagesFetched === 0),
  ],
  [/signal .* resume/, () => becomes('it reads on', ({ state }) => state !== 'paused')],
  [/signal .* stop/, () => undefined],
  [/workflow result/, (output) => expect(output).toMatch(/"outcome":"stopped"/)],
  [/workflow start .*"follow"/, () => becomes('all is read', ({ nextPollAt }) => nextPollAt !== null)],
  [/signal .* poll/, () => becomes('it looked again', ({ polls }) => polls > 1)],
  [/signal .* stop/, () => undefined],
  [/workflow result/, (output) => expect(output).toMatch(/"outcome":"stopped"/)],
  [/workflow start/, () => undefined],
  [/workflow result/, (output) => expect(output).toMatch(/"outcome":"done_empty"/)],
  [
    /schedule create/,
    async () =>
      expect(await schedule()).toMatchObject({
        policies: { overlap: 'SKIP', catchupWindow: 3_600_000 },
        spec: { intervals: [{ every: 3_600_000 }] },
      }),
  ],
  [
    /schedule trigger/,
    () =>
      eventually(
        'the scheduled start is through',
        async () =>
          (await schedule()).info.recentActions.length === 1 && (await schedule()).info.runningActions.length === 0,
      ),
  ],
  [
    /schedule toggle .*--pause/,
    async () => expect((await schedule()).state).toMatchObject({ paused: true, note: 'ticket 812' }),
  ],
  [/schedule list/, (output) => expect(output).toContain(`sync/${source}`)],
  [/workflow list/, (output) => expect(output).toContain(`scheduled/${source}`)],
  [/schedule toggle .*--unpause/, async () => expect((await schedule()).state.paused).toBe(false)],
  [/schedule delete/, () => expect(schedule()).rejects.toThrow()],
];

test('every temporal command of docs/operating.md works as it stands, and has the effect it is there for', async () => {
  expect(commands).toHaveLength(effects.length);
  for (const [at, command] of commands.entries()) {
    const [words, effect] = effects[at]!;
    expect(command).toMatch(words);
    await effect(await shell(command));
  }
  expect(await count('events where source = $1')).toBe(events);
}, 300_000);

test('the queries of the links to saved views are ones Temporal takes', async () => {
  const queries = links.map((url) => url.searchParams.get('query')).filter((query) => query !== null);
  expect(queries.length).toBeGreaterThanOrEqual(3);
  for (const query of queries) expect(await shell(`temporal workflow count --query '${query}'`)).toMatch(/^Total: \d+/);
});

test('every picture and page that is pointed to is there', () => {
  for (const { name, text } of pages) {
    const targets = [...text.matchAll(/\]\((?!http)([^)#]+)[^)]*\)/g)].map(([, target]) =>
      join(packageRoot, dirname(name), target!),
    );
    expect(
      targets.filter((path) => !existsSync(path)),
      name,
    ).toEqual([]);
  }
});
