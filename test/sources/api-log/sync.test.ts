// Logs through a real worker: from lines of files to rows, while the files are written, rotated and packed.
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SyncInput } from '../../../src/domain/sync-input.js';
import { testDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { ended, testWorker, uniqueSource, type TestWorker } from '../../support/temporal.js';

const database = testDatabase();
const root = mkdtempSync(join(tmpdir(), 'tributary-logs-'));
let worker: TestWorker;

beforeAll(async () => {
  worker = await testWorker(database);
});
afterAll(async () => {
  await worker.stop();
  rmSync(root, { recursive: true });
});

const line = (n: number, path = `/page/${n}`, status = 200) =>
  `198.51.100.7 - ada [31/Jan/2026:12:00:${String(n % 60).padStart(2, '0')} +0100] "GET ${path} HTTP/1.1" ${status} ${n} "-" "curl/8.5.0"\n`;
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => line(from + at)).join('');

function aLog(name: string, options: object = {}): { path: string; source: string; input: SyncInput } {
  const source = uniqueSource(name);
  const path = join(root, `${source}.log`);
  return { path, source, input: { source: { type: 'api_log', id: source, options: { path, ...options } } } };
}

async function stored(source: string): Promise<{ data: Record<string, unknown>; flags: string[] | null }[]> {
  const { rows } = await database.pool.query(
    `select data, flags, subject, time from events where source = $1 order by (data ->> 'bytes')::bigint nulls last`,
    [source],
  );
  return rows as never;
}

test('each line is a row with its fields; equal lines are two rows; what is no request is kept and flagged', async () => {
  const { path, source, input } = aLog('fields');
  writeFileSync(path, `${lines(1, 2)}${line(3)}${line(3)}\x16\x03\x01 what\r\n\n`);
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done', total: 5, inserted: 5 });
  const rows = await stored(source);
  expect(rows[0]).toMatchObject({
    data: { method: 'GET', path: '/page/1', status: 200, remote: '198.51.100.7', user: 'ada', userAgent: 'curl/8.5.0' },
    subject: '/page/1',
    time: new Date('2026-01-31T11:00:01Z'),
    flags: null,
  });
  expect(rows.map(({ data }) => data['bytes'])).toEqual([1, 2, 3, 3, undefined]);
  expect(rows[4]!.flags).toContain('malformed_line');
  expect(rows[4]!.data['line']).toBe('\x16\x03\x01 what');
  expect(await worker.sync(input)).toMatchObject({ outcome: 'done_empty', total: 0 });
});

test('a followed log is stored while it is written, rotated and packed; each line once', async () => {
  const { path, source, input } = aLog('followed');
  writeFileSync(path, lines(1, 3));
  const handle = await worker.start({ ...input, mode: 'follow', pollIntervalMs: 100 } as SyncInput);
  const has = (count: number) => eventually(`${count} rows`, async () => (await stored(source)).length === count);
  await has(3);
  appendFileSync(path, lines(4, 5));
  await has(5);
  appendFileSync(path, lines(6, 6));
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(7, 8));
  appendFileSync(`${path}.1`, lines(9, 9));
  await has(9);
  writeFileSync(`${path}.1.gz`, gzipSync(lines(1, 6) + lines(9, 9)));
  rmSync(`${path}.1`);
  appendFileSync(path, lines(10, 10));
  await has(10);
  await handle.signal('stop');
  expect(await handle.result()).toMatchObject({ outcome: 'stopped', inserted: 10 });
});

test('filters choose requests, and masks hold before anything is stored', async () => {
  const { path, source, input } = aLog('chosen', {
    status: ['5xx', '404'],
    endpoint: ['/api/*'],
    maskQuery: ['token'],
    maskAddresses: 'network',
  });
  writeFileSync(
    path,
    `${line(1, '/api/a?token=s3cret&x=1', 404)}${line(2, '/api/b', 200)}${line(3, '/b', 500)}${line(4, '/api/c', 502)}odd token=s3cret\n`,
  );
  expect(await worker.sync(input)).toMatchObject({ inserted: 3 });
  expect((await stored(source)).map(({ data }) => [data['path'], data['query'], data['remote']])).toEqual([
    ['/api/a', 'token=*&x=1', '198.51.100.0'],
    ['/api/c', undefined, '198.51.100.0'],
    [undefined, undefined, undefined],
  ]);
  const { rows } = await database.pool.query(`select e::text from events e where source = $1`, [source]);
  expect(JSON.stringify(rows)).not.toContain('s3cret');
});

test('what a header says holds for lines that come later, also from a packed copy after a rotation', async () => {
  const { path, source, input } = aLog('w3c');
  const header = '#Software: IIS\n#Fields: date time cs-method cs-uri-stem sc-status sc-bytes\n';
  const entry = (n: number) => `2026-01-31 12:00:0${n} GET /page/${n} 200 ${n}\r\n`;
  writeFileSync(path, header + entry(1));
  expect(await worker.sync(input)).toMatchObject({ inserted: 1 });
  appendFileSync(path, entry(2));
  expect(await worker.sync(input)).toMatchObject({ inserted: 1 });
  writeFileSync(`${path}.1.gz`, gzipSync(header + entry(1) + entry(2) + entry(3)));
  writeFileSync(path, header + entry(4));
  expect(await worker.sync(input)).toMatchObject({ inserted: 2 });
  const rows = await stored(source);
  expect(rows.map(({ data, flags }) => [data['path'], data['bytes'], flags])).toEqual(
    [1, 2, 3, 4].map((n) => [`/page/${n}`, n, null]),
  );
});

test('a path that is missing or no file needs attention and says so in one line; the other files of a pattern are read', async () => {
  const missing = aLog('missing');
  expect(await ended(worker.sync(missing.input))).toMatchObject({ message: expect.stringContaining('path: ') });
  const folder = aLog('folder', { path: root });
  expect((await ended(worker.sync(folder.input))).message).toMatch(/path: .* is a directory, expected a regular file/);
  const source = uniqueSource('several');
  const path = join(root, source);
  writeFileSync(`${path}-a.log`, line(1));
  writeFileSync(`${path}-b.log`, 'BZh9');
  const result = await worker.sync({ source: { type: 'api_log', id: source, options: { path: `${path}*` } } });
  expect(result).toMatchObject({ outcome: 'done_with_problems', problems: [{ code: 'packing_unknown' }] });
  expect(await stored(source)).toHaveLength(1);
});
