// Programs that are killed while they record, and sessions that are: nothing that was answered is lost, and what is given
// again is stored once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDoor } from '../../src/door/door.js';
import { openSource } from '../../src/door/open-source.js';
import { createRegistry } from '../../src/sources/index.js';
import { verifySources } from '../../src/store/proving/verify.js';
import type { PersistPoint } from '../../src/store/writing.js';
import { tributary, startTributary } from '../clients/command.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { share } from '../support/share.js';
import { uniqueQueue, uniqueSource } from '../support/temporal.js';
import { commandEnvironment } from '../support/worker-process.js';

const database = testDatabase();
const program = fileURLToPath(new URL('../support/recording-program.mjs', import.meta.url));
const registry = createRegistry();
const none = async () => ({ stages: [], processors: [] });

async function count(statement: string, source: string): Promise<number> {
  const { rows } = await database.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${statement} and source = $1`,
    [source],
  );
  return rows[0]!.n;
}

async function proofOf(source: string) {
  const [proof] = await verifySources(database.pool, { source, contents: () => true });
  return { broken: proof!.invariants.filter(({ found }) => found > 0), ok: proof!.ok, events: proof!.events };
}

/** The ids it was answered as accepted, and how it ended. */
async function run(source: string, point: string) {
  const order = { databaseUrl: database.url, source, point, events: 40, calls: 3 };
  const child = spawn(process.execPath, [program, JSON.stringify(order)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return {
    accepted: out.split('\n').flatMap((line) => (line === '' ? [] : (JSON.parse(line) as string[]))),
    code,
    signal,
  };
}

/** `committed`: before it has heard of it. */
const points = ['begun', 'committed', 'claimed', 'recorded', 'inserted'];

test.concurrent.each(share(points, 2))(
  'a program that is killed at %s has what it was answered, and what it gives again is stored once',
  async (point) => {
    const source = uniqueSource(`killed-record-${point}`);
    const killed = await run(source, point);
    expect([killed.signal, killed.accepted.length]).toEqual(['SIGKILL', 80]);
    expect(await count('events where true', source)).toBe(point === 'committed' ? 120 : 80);
    const again = await run(source, 'never');
    // The answer to what was committed is lost with the program: then they are known.
    expect([again.code, again.accepted.length]).toEqual([0, point === 'committed' ? 0 : 40]);
    expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 120 });
  },
);

test.each<PersistPoint>(['begun', 'claimed', 'inserted', 'recorded'])(
  'a session that Postgres ends at %s leaves nothing behind; the same events again are stored once',
  async (point) => {
    const source = uniqueSource(`cut-record-${point}`);
    let cuts = 1;
    const door = openDoor({
      pool: database.workerPool,
      registry,
      enrichOff: [],
      async at(now, session) {
        if (now !== point || cuts-- <= 0) return;
        const { rows } = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
        await database.pool.query('select pg_terminate_backend($1)', [rows[0]!.pid]);
      },
    });
    const records = Array.from({ length: 20 }, (_, at) => Buffer.from(JSON.stringify({ type: 'told', data: { at } })));
    const give = async () =>
      door.take(await openSource(database.workerPool, { source: registry.get('program'), id: source }, none), records);
    await expect(give()).rejects.toThrow(/./);
    expect(await count('events where true', source)).toBe(0);
    expect((await give()).counts).toMatchObject({ fetched: 20, inserted: 20 });
    expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 20 });
  },
);

test('`tributary record` goes on where its sessions were ended, and every line is stored once', async () => {
  const [source, lines] = [uniqueSource('cut-lines'), 3_000];
  const environment = commandEnvironment(database, uniqueQueue('cut-lines'));
  const recording = startTributary(['record', source, '--json'], environment, { input: true });
  const input = recording.child.stdin!;
  for (let line = 0; line < lines; line++) {
    input.write(`${JSON.stringify({ type: 'line', data: { line } })}\n`);
    if (line % 1_000 !== 500) continue;
    await eventually('most of it is stored', async () => (await count('events where true', source)) > line - 400);
    await database.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'tributary door'`,
    );
  }
  input.end();
  const { code, items, err } = await recording.ended;
  expect({ code, err: err.replaceAll(/.*tried again\n/g, '') }).toEqual({ code: 0, err: '' });
  expect(items.at(-1)).toMatchObject({ outcome: 'done', source, total: lines, refused: 0 });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: lines });
});

test('a program that is killed in the middle of its lines is given the same lines again, and each is stored once', async () => {
  const [source, environment] = [
    uniqueSource('killed-lines'),
    commandEnvironment(database, uniqueQueue('killed-lines')),
  ];
  const line = (at: number): string => `${JSON.stringify({ type: 'line', id: String(at) })}\n`;
  const first = startTributary(['record', source], environment, { input: true });
  first.child.stdin!.on('error', () => undefined);
  for (let at = 0; at < 500; at++) first.child.stdin!.write(line(at));
  await eventually('some of it is stored', async () => (await count('events where true', source)) > 0);
  first.child.kill('SIGKILL');
  await first.ended;
  const second = startTributary(['record', source, '--json'], environment, { input: true });
  second.child.stdin!.end(Array.from({ length: 1_000 }, (_, at) => line(at)).join(''));
  expect((await second.ended).items.at(-1)).toMatchObject({ outcome: 'done', total: 1_000 });
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 1_000 });
  expect((await tributary(['verify', source], environment)).code).toBe(0);
});

test('the last call taken away whole, with the chain over it: verify alone cannot see it, an anchor from before does', async () => {
  const source = uniqueSource('anchored-record');
  const environment = { ...commandEnvironment(database, uniqueQueue('anchored')), ANCHOR_KEY: 'key-of-the-test' };
  const records = (from: number) => [Buffer.from(JSON.stringify({ type: 'told', id: `${from}` }))];
  const door = openDoor({ pool: database.workerPool, registry, enrichOff: [] });
  const opened = await openSource(database.workerPool, { source: registry.get('program'), id: source }, none);
  for (const from of [0, 1]) await door.take(opened, records(from));
  const directory = mkdtempSync(join(tmpdir(), 'tributary-anchor-'));
  const anchored = [
    'verify',
    source,
    '--anchor',
    join(directory, 'anchor'),
    '--anchor-key',
    'env:ANCHOR_KEY',
    '--json',
  ];
  const first = await tributary(anchored, environment);
  expect([first.code, first.items.at(-2)], first.err).toMatchObject([0, { extended: true, unknown: [] }]);
  const taken = [
    "delete from event_hashes where source = $1 and event_id = '1'",
    'delete from events where source = $1 and page = 2',
    ...['commits', 'pages', 'ledger'].map((table) => `delete from ${table} where source = $1 and seq = 2`),
    'delete from chain_links where source = $1 and number = -2',
    `update express_heads set links = 1, chain = (select chain from chain_links where source = $1 and number = -1) where source = $1`,
  ];
  for (const statement of taken) await database.pool.query(statement, [source]);
  expect(await proofOf(source)).toEqual({ ok: true, broken: [], events: 1 });
  const second = await tributary(anchored, environment);
  expect(second.code).not.toBe(0);
  expect(second.out).toContain(`"unknown":[{"source":"${source}","links":-2`);
  rmSync(directory, { recursive: true, force: true });
});
