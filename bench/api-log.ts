// api-log: a file of combined lines through the whole path, as a ratio to plain COPY of the same rows measured before and after
// in the same database, and parsing alone; then many logs followed at once, from a line written to its page committed.
import { once } from 'node:events';
import { appendFileSync, createWriteStream, mkdirSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Source } from '../src/domain/source.js';
import { until } from '../src/local/until.js';
import { apiLog } from '../src/sources/api-log/index.js';
import { logFormatOf } from '../src/sources/api-log/formats/index.js';
import { recordsIn } from '../src/sources/api-log/record.js';
import { copyRateOf, type Copied } from './copy-limit.js';
import { cpuMs } from './cpu.js';
import { startRig, type Rig } from './rig.js';

export interface ApiLogFigures {
  readonly lines: number;
  readonly bytesPerLine: number;
  readonly linesPerSecond: number;
  readonly copyPerSecond: number;
  readonly ratioToCopy: number;
  /** A line's fields, on one core and with nothing else. */
  readonly parsedPerSecond: number;
  /** And its event of them. */
  readonly mappedPerSecond: number;
  /** CPU time of a line in the worker and in Postgres, µs; and of a synthetic event, in the same run. */
  readonly workerMicros: number;
  readonly postgresMicros: number;
  readonly syntheticWorkerMicros: number;
  readonly syntheticPostgresMicros: number;
  readonly workerPeakMib: number | null;
  /** So many logs followed by one source, and lines written to them a second. */
  readonly files: number;
  readonly writtenPerSecond: number;
  readonly writtenToStoredP50Ms: number;
  readonly writtenToStoredP95Ms: number;
}

const options = { format: 'combined' };

export async function apiLogBench(lines: number, files: number, seconds: number): Promise<ApiLogFigures> {
  const rig = await startRig();
  try {
    return { ...(await measure(rig, lines)), ...(await followed(rig, files, seconds)) };
  } finally {
    await rig.close();
  }
}

async function measure(rig: Rig, lines: number) {
  const [file, first] = [join(rig.home, 'access.log'), join(rig.home, 'first.log')];
  await write(file, lines);
  await write(first, Math.min(lines, 40_000));
  const recordOf = recordsIn('0123456789abcdef', file);
  const record = (at: number): Buffer => {
    const bytes = Buffer.from(line(at));
    return recordOf({ bytes, offset: at * 200, end: at * 200 + bytes.length + 1, flags: {} }, bytes);
  };
  const parsed = apiLog.options.parse({ ...options, path: file });
  const copied: Copied = { events: lines, source: apiLog as Source, options: parsed, record };
  await rig.sync({ source: { type: 'api_log', id: 'bench/first', options: { ...options, path: first } } });
  const before = await copyRateOf(rig.pool, 'bench/copy-before', copied);
  const source = { type: 'api_log', id: 'bench/api-log', options: { ...options, path: file } };
  const synthetic = await timed(rig, { type: 'synthetic', id: 'bench/synthetic', options: { events: lines, seed: 5 } });
  const { result, ms, ...own } = await timed(rig, source);
  const after = await copyRateOf(rig.pool, 'bench/copy-after', copied);
  if (result.inserted !== lines) throw new Error(`expected ${lines} inserted, found ${JSON.stringify(result)}`);
  const [copyPerSecond, linesPerSecond] = [(before + after) / 2, lines / (ms / 1_000)];
  const format = logFormatOf('combined', 'UTC');
  return {
    lines,
    bytesPerLine: Math.round((await stat(file)).size / lines),
    linesPerSecond: Math.round(linesPerSecond),
    copyPerSecond: Math.round(copyPerSecond),
    ratioToCopy: Math.round((100 * linesPerSecond) / copyPerSecond) / 100,
    parsedPerSecond: rateOf(
      lines,
      (at) => Buffer.from(line(at)),
      (one) => format.read(one),
    ),
    mappedPerSecond: rateOf(lines, record, (one) => apiLog.toEvents(one, { options: parsed, stream: null })),
    workerMicros: own.workerMicros,
    postgresMicros: own.postgresMicros,
    syntheticWorkerMicros: synthetic.workerMicros,
    syntheticPostgresMicros: synthetic.postgresMicros,
    workerPeakMib: rig.workerPeakMib(),
  };
}

/** A sync, and the CPU time of each of its events: a machine that others use too makes it longer, but less so than the sync. */
async function timed(rig: Rig, source: { readonly type: string; readonly id: string; readonly options: object }) {
  const taken = () => ({ worker: cpuMs(rig.pids().worker), postgres: cpuMs(rig.pids().postgres) });
  const before = taken();
  const { result, ms } = await rig.sync({ source });
  const after = taken();
  const per = (name: 'worker' | 'postgres') => Math.round((1_000 * (after[name] - before[name])) / result.total);
  return { result, ms, workerMicros: per('worker'), postgresMicros: per('postgres') };
}

const ratedLines = 200_000;

function rateOf(lines: number, make: (at: number) => Buffer, use: (record: Buffer) => unknown): number {
  const records = Array.from({ length: Math.min(lines, ratedLines) }, (_, at) => make(at));
  const start = performance.now();
  for (const one of records) use(one);
  return Math.round(records.length / ((performance.now() - start) / 1_000));
}

async function write(path: string, lines: number): Promise<void> {
  const file = createWriteStream(path);
  for (let at = 0; at < lines; at += 1_000) {
    const some = Array.from({ length: Math.min(1_000, lines - at) }, (_, more) => `${line(at + more)}\n`);
    if (!file.write(some.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'curl/8.5.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_2) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15',
];
const [startMs, months] = [Date.UTC(2026, 0, 1), ['Jan', 'Feb', 'Mar']];

function line(at: number): string {
  const [date, time] = new Date(startMs + at * 40).toISOString().slice(0, 19).split('T') as [string, string];
  const [year, month, day] = date.split('-') as [string, string, string];
  const moment = `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
  const [path, query] = [`/shop/item/${at % 9_973}`, at % 3 === 0 ? `?page=${at % 17}&sort=price` : ''];
  const [status, referer] = [at % 50 === 0 ? 404 : 200, at % 4 === 0 ? '-' : 'https://example.org/shop/'];
  return `203.0.113.${at % 256} - - [${moment}] "GET ${path}${query} HTTP/1.1" ${status} ${at % 65_536} "${referer}" "${agents[at % 3]}"`;
}

/** Lines a second over all files, and how often each tick writes some. */
const [writtenPerSecond, tickMs] = [1_000, 50];
const pollIntervalMs = 100;

async function followed(rig: Rig, files: number, seconds: number) {
  const [folder, id] = [join(rig.home, 'followed'), 'bench/followed'];
  mkdirSync(folder);
  const names = Array.from({ length: files }, (_, at) => join(folder, `site${String(at).padStart(4, 'x')}a.log`));
  for (const [at, name] of names.entries()) appendFileSync(name, `${line(at)}\n`);
  const handle = await rig.client.workflow.start('syncSource', {
    taskQueue: 'tributary',
    workflowId: `sync/${id}`,
    args: [
      {
        source: { type: 'api_log', id, options: { ...options, path: `${folder}/*.log` } },
        mode: 'follow',
        pollIntervalMs,
      },
    ],
  });
  await stored(rig, id, files);
  const written = await writeFor(names, seconds);
  await stored(rig, id, files + written.length);
  await handle.signal('stop');
  await handle.result();
  const { rows } = await rig.pool.query<{ number: string; ms: number }>(
    `select e.data ->> 'user' as number, (extract(epoch from l.committed_at) * 1000)::double precision as ms
       from events as e join ledger as l on l.source = e.source and l.epoch = e.epoch and l.seq = e.page
      where e.source = $1 and e.data ? 'user'`,
    [id],
  );
  const took = rows.map(({ number, ms }) => ms - written[Number(number)]!).sort((one, other) => one - other);
  const share = (part: number) => Math.round(took[Math.floor(took.length * part)]!);
  return { files, writtenPerSecond, writtenToStoredP50Ms: share(0.5), writtenToStoredP95Ms: share(0.95) };
}

/** Each line has its number as its user; when it was written, by number. */
async function writeFor(names: readonly string[], seconds: number): Promise<number[]> {
  const written: number[] = [];
  const start = performance.now();
  for (let ms = 0; ms < seconds * 1_000; ms = performance.now() - start) {
    for (const due = (ms / 1_000) * writtenPerSecond; written.length < due;) {
      const number = written.length;
      appendFileSync(names[number % names.length]!, `${line(number).replace('- - [', `- ${number} [`)}\n`);
      written.push(Date.now());
    }
    await pause(tickMs);
  }
  return written;
}

async function stored(rig: Rig, id: string, count: number): Promise<void> {
  const ask = async () => {
    const { rows } = await rig.pool.query<{ inserted: string }>(
      'select coalesce(sum(inserted), 0) as inserted from ledger where source = $1',
      [id],
    );
    return Number(rows[0]!.inserted) === count ? true : null;
  };
  if ((await until(ask, 120_000, 50)) === null) throw new Error(`${count} lines were not stored within 120 s`);
}
