// npm run bench -- log-formats: reading lines of access logs, without storing anything. Every figure is of one core, in lines
// per second of CPU, so that a busy machine does not change it; beside it the same lines cut at their blanks, which nothing
// that reads them can beat by much. GoAccess reads the same file where it is installed (`apt-get install goaccess`).
import { execFile } from 'node:child_process';
import { open, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cpuMs } from './cpu.js';
import { logFormatOf } from '../src/sources/api-log/formats/index.js';

const run = promisify(execFile);
const agents = [
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36',
  'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)',
  'curl/8.5.0',
];
const chunkBytes = 1 << 20;

interface Told {
  readonly at: string;
  readonly remote: string;
  readonly target: string;
  readonly status: number;
  readonly bytes: number;
  readonly agent: string;
}

function told(index: number): Told {
  const at = new Date(Date.UTC(2026, 0, 1) + index * 40);
  return {
    at: `01/Jan/2026:${at.toISOString().slice(11, 19)} +0000`,
    remote: `10.${index % 200}.${(index * 7) % 251}.${(index * 13) % 253}`,
    target: `/api/v1/items/${(index * 31) % 5_000}?page=${index % 40}`,
    status: index % 50 === 0 ? 404 : 200,
    bytes: (index * 97) % 50_000,
    agent: agents[index % agents.length]!,
  };
}

const writers: Record<string, (line: Told) => string> = {
  combined: ({ at, remote, target, status, bytes, agent }) =>
    `${remote} - - [${at}] "GET ${target} HTTP/1.1" ${status} ${bytes} "https://www.example.com/start" "${agent}"`,
  json: ({ at, remote, target, status, bytes, agent }) =>
    JSON.stringify({
      time_local: at,
      remote_addr: remote,
      request: `GET ${target} HTTP/1.1`,
      status,
      body_bytes_sent: bytes,
      http_user_agent: agent,
      request_time: 0.012,
    }),
  logfmt: ({ at, remote, target, status, bytes, agent }) =>
    `time="${at}" method=GET path="${target}" remote_addr=${remote} status=${status} bytes=${bytes} user_agent="${agent}" request_time=0.012`,
};

export async function logFormatsBench(lines: number): Promise<object> {
  const figures: Record<string, string> = { lines: String(lines) };
  for (const [name, write] of Object.entries(writers)) {
    const sample = Array.from({ length: Math.min(lines, 200_000) }, (_, at) => Buffer.from(write(told(at))));
    const split = perSecond(sample, cut);
    const read = perSecond(sample, reader(name));
    figures[`${name}, lines/s`] = String(Math.round(read));
    figures[`${name}, of a plain split`] = (read / split).toFixed(2);
  }
  return { ...figures, ...(await wholeFile(lines)) };
}

function reader(name: string): (line: Buffer) => number {
  const format = logFormatOf(name, 'UTC');
  return (line) => format.read(line).fields.status!;
}

/** As little as a reader can do: text, and its parts. */
function cut(line: Buffer): number {
  return line.toString('latin1').split(' ').length;
}

/** The best of five rounds: a collection of garbage or a busy neighbour slows down some. */
function perSecond(lines: readonly Buffer[], read: (line: Buffer) => number): number {
  let best = 0;
  for (let round = 0; round < 5; round++) {
    const before = process.cpuUsage();
    let sum = 0;
    for (const line of lines) sum += read(line);
    const { user, system } = process.cpuUsage(before);
    if (!Number.isFinite(sum)) throw new Error('a line of the bench was not read');
    best = Math.max(best, lines.length / ((user + system) / 1_000_000));
  }
  return best;
}

/** Every line of one file of combined lines, from the disk. */
async function wholeFile(lines: number): Promise<Record<string, string>> {
  const directory = await mkdtemp(join(tmpdir(), 'tributary-log-formats-'));
  try {
    const path = join(directory, 'access.log');
    await writeLines(path, lines);
    const before = process.cpuUsage();
    const count = await readFile(path, reader('combined'));
    const { user, system } = process.cpuUsage(before);
    const ours = (user + system) / 1_000;
    const figures = {
      'file, MB': ((await stat(path)).size / 1e6).toFixed(0),
      'file, s of CPU': (ours / 1_000).toFixed(2),
      'file, lines read': String(count),
    };
    const theirs = await goaccessMs(path);
    if (theirs === null) return { ...figures, goaccess: 'not installed' };
    return {
      ...figures,
      'goaccess, s of CPU': (theirs / 1_000).toFixed(2),
      'goaccess / ours': (theirs / ours).toFixed(2),
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function writeLines(path: string, lines: number): Promise<void> {
  const perPart = 50_000;
  for (let from = 0; from < lines; from += perPart) {
    const part = Array.from(
      { length: Math.min(perPart, lines - from) },
      (_, at) => `${writers['combined']!(told(from + at))}\n`,
    );
    await writeFile(path, part.join(''), { flag: 'a' });
  }
}

async function readFile(path: string, read: (line: Buffer) => number): Promise<number> {
  const file = await open(path);
  try {
    let [count, kept] = [0, Buffer.alloc(0)];
    for (;;) {
      const buffer = Buffer.alloc(chunkBytes);
      const { bytesRead } = await file.read(buffer);
      if (bytesRead === 0) return count;
      const bytes =
        kept.length === 0 ? buffer.subarray(0, bytesRead) : Buffer.concat([kept, buffer.subarray(0, bytesRead)]);
      let from = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
        if (read(bytes.subarray(from, end)) > 0) count += 1;
        from = end + 1;
      }
      kept = bytes.subarray(from);
    }
  } finally {
    await file.close();
  }
}

/** With its report, which it cannot leave out; null where it is not installed. */
async function goaccessMs(path: string): Promise<number | null> {
  const before = cpuMs(process.pid);
  try {
    await run('goaccess', [path, '--log-format=COMBINED', '--no-progress', '--no-global-config', '-o', `${path}.json`]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  // Linux adds the time of a child to its parent's when it has ended.
  return cpuMs(process.pid) - before;
}
