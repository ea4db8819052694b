// `tail` as people run it: what is committed comes as it is committed, filtered; Ctrl-C ends it with the place to go on from.
import { beforeAll, expect, inject, test } from 'vitest';
import type { Priority } from '../../src/domain/event.js';
import { testDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { commitsOf, type CommitMaker } from '../live/committed.js';
import { startTributary, tributary, type Outcome, type Running } from './command.js';

const database = testDatabase();
let maker: CommitMaker;
const hour = 3_600_000;

beforeAll(async () => {
  maker = await commitsOf(database, 'acme/api');
  await maker.commit(4, made);
});

function made(n: number) {
  return {
    data: { title: `Change ${n} \u001b[31m`, path: `src/${n}.ts` },
    draft: {
      type: n % 2 === 0 ? 'git.commit' : 'acme.note',
      subject: `subject ${n}`,
      priority: (n % 4 === 3 ? 4 : 2) as Priority,
      time: new Date(Date.now() - (n === 0 ? 2 * hour : 0)).toISOString(),
    },
  };
}

function environment() {
  return { DATABASE_URL: database.url, TEMPORAL_ADDRESS: inject('temporalAddress'), TRIBUTARY_HOME: '/nonexistent' };
}

function tail(...words: string[]): Running & { printed: () => string } {
  const running = startTributary(['tail', ...words], environment());
  let printed = '';
  running.child.stdout!.on('data', (text: string) => (printed += text));
  return { ...running, printed: () => printed };
}

async function lines(running: { printed: () => string }, count: number): Promise<string[]> {
  return eventually(`${count} lines`, () => {
    const found = running.printed().split('\n').slice(0, -1);
    return found.length >= count && found;
  });
}

async function interrupted(running: Running): Promise<Outcome> {
  running.child.kill('SIGINT');
  return running.ended;
}

test('what was stored comes in its order, then what is committed; Ctrl-C ends with 130 and the place to go on from', async () => {
  const running = tail('acme/api', '--from', '0', '--json');
  await lines(running, 4);
  await maker.commit(2, made);
  await lines(running, 6);
  const { code, items, err } = await interrupted(running);
  expect({ code, ids: items.map(({ id }) => id), err }).toEqual({
    code: 130,
    ids: [0, 1, 2, 3, 4, 5].map((n) => `event-${n}`),
    err: '{"next":"2"}\n',
  });
  expect(items[0]).toMatchObject({
    specversion: '1.0',
    source: 'acme/api',
    position: '1.0',
    data: { path: 'src/0.ts' },
  });
  const rest = tail('--from', String(items[3]!['position']), '--json');
  expect((await lines(rest, 2)).map((line) => (JSON.parse(line) as { position: string }).position)).toEqual([
    '2.0',
    '2.1',
  ]);
  await interrupted(rest);
});

test('without a place it begins now, and people get lines that steer no terminal', async () => {
  const running = tail('--type', 'git.*');
  await eventually('it waits', () => running.said().includes('events from now on'));
  await maker.commit(2, made);
  const [line] = await lines(running, 1);
  expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d {2}git\.commit {2}acme\/api {2}subject 6 {2}Change 6 /);
  expect(line).not.toContain('\u001b');
  const { code, err } = await interrupted(running);
  expect({ code, err }).toEqual({
    code: 130,
    err: expect.stringMatching(/more: the same command with --from 3\n$/) as string,
  });
});

test('filters hold for what was stored and for what comes', async () => {
  const running = tail('--since', '1h', '--priority', '3', '--json');
  await lines(running, 2);
  await maker.commit(4, made);
  const found = await lines(running, 3);
  expect(found.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['event-3', 'event-7', 'event-11']);
  await interrupted(running);
});

test('a reader that closes the pipe ends it', async () => {
  const running = tail('--from', '0', '--json');
  await lines(running, 4);
  running.child.stdout!.destroy();
  await maker.commit(1, made);
  expect((await running.ended).code).toBe(0);
});

const refused: readonly (readonly [words: string[], names: string])[] = [
  [['acme/nowhere'], 'source: no source acme/nowhere is known'],
  [['--from', '12.x'], 'from: found "12.x", expected the position of an event like 12.34'],
  [['--from', '4711'], 'from: 4711 is not of this store'],
  [['--type', 'a b'], 'type: found "a b", expected a type'],
  [['--priority', '5'], 'priority: found "5", expected a whole number from 1 to 4'],
];

test.each(refused)('wrong use is one line and exit code 2: %j', async (words, names) => {
  const { code, out, err } = await tributary(['tail', ...words], environment());
  expect({ code, out, lines: err.trimEnd().split('\n').length }).toEqual({ code: 2, out: '', lines: 1 });
  expect(err).toContain(`error: ${names}`);
});
