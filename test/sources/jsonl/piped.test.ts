// `tributary sync jsonl -`: what is piped into the command, committed by it, with no worker at all.
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { pipedRecords } from '../../../src/sources/jsonl/piped.js';
import { options } from '../../../src/sources/jsonl/options.js';
import { startTributary, type Outcome } from '../../clients/command.js';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { uniqueQueue, uniqueSource } from '../../support/temporal.js';
import { commandEnvironment } from '../../support/worker-process.js';

const database = testDatabase();
const taskQueue = uniqueQueue('piped');

function start(...words: string[]) {
  return startTributary([...words, '--json'], commandEnvironment(database, taskQueue), { input: true });
}

async function run(input: string, ...words: string[]): Promise<Outcome> {
  const { child, ended } = start(...words);
  child.stdin!.end(input);
  return ended;
}

const lines = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => `{"id":"${from + n}","kind":"order.paid"}\n`).join('');

async function stored(id: string): Promise<number> {
  const { rows } = await database.pool.query('select count(*)::integer as count from events where source = $1', [id]);
  return (rows[0] as { count: number }).count;
}

describe('standard input', () => {
  test('is stored as it comes; killed and given again, all of it is there once', async () => {
    const id = uniqueSource('killed');
    const { child, ended } = start('sync', 'jsonl', '-', '--id', id, '--set', 'id=/id', '--set', 'type=/kind');
    child.stdin!.on('error', () => undefined);
    child.stdin!.write(lines(0, 3_000));
    await eventually('something is stored', async () => (await stored(id)) > 0);
    child.kill('SIGKILL');
    await ended;
    expect(await stored(id)).toBeLessThanOrEqual(3_000);
    const again = await run(lines(0, 5_000), 'sync', id);
    expect(again.code).toBe(0);
    expect(again.items.at(-1)).toMatchObject({ outcome: 'done', source: id, total: 5_000, refused: 0 });
    expect(await stored(id)).toBe(5_000);
  });

  test('of CSV, with a line that is refused: told by its number, its neighbours are stored', async () => {
    const id = uniqueSource('csv');
    const input = 'id,at,text\n1,2026-01-31T12:00:00Z,"two\nlines"\n2,1767225600,x\n3,,y\n';
    const { code, items } = await run(
      input,
      'sync',
      'jsonl',
      '-',
      '--id',
      id,
      '--set',
      'format=csv',
      '--set',
      'id=/id',
      '--set',
      'time=/at',
    );
    expect(code).toBe(3);
    expect(items).toMatchObject([
      { outcome: 'refused', line: 4, code: 'no_time_unit' },
      { outcome: 'done_with_problems', total: 3, inserted: 2, refused: 1 },
    ]);
    const mended = await run(input, 'sync', id, '--set', 'timeUnit=s');
    expect(mended.items.at(-1)).toMatchObject({ outcome: 'done', inserted: 1, skipped_existing: 2 });
  });

  test('is not followed, and not left to a worker', async () => {
    for (const words of [
      ['follow', 'jsonl', '-'],
      ['sync', 'jsonl', '-', '--detach'],
    ]) {
      const { code, err } = await run('', ...words);
      expect([code, err]).toEqual([2, expect.stringContaining('standard input')]);
    }
  });

  test('ends at Ctrl-C with what is stored', async () => {
    const id = uniqueSource('left');
    const { child, ended } = start('sync', 'jsonl', '-', '--id', id);
    child.stdin!.write(lines(0, 10));
    await eventually('all is stored', async () => (await stored(id)) === 10);
    child.kill('SIGINT');
    const { items } = await ended;
    expect(items.at(-1)).toMatchObject({ outcome: 'interrupted', inserted: 10 });
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  });
});

test('a header that is none is refused before anything is stored', () => {
  const given = options.parse({ path: '-', format: 'csv' });
  expect(() => pipedRecords(given).push(Buffer.from('\na,b\n'))).toThrow(/header, is empty/);
  const open = pipedRecords(given);
  open.push(Buffer.from('"a,b\n1,2\n'));
  expect(() => open.end()).toThrow(/quotes that do not close/);
});
