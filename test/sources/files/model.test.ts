// A log, its rotations and its accidents, in any order, against what stood in the files: every line once. Lines that were
// truncated or deleted before anybody looked are lost by what was done, and none is ever read twice.
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { tries } from '../../support/share.js';
import { FilesReader } from './reader.js';

const root = mkdtempSync(join(tmpdir(), 'tributary-model-'));
afterAll(() => rmSync(root, { recursive: true }));
let sequences = 0;

const wholeLine = /^line \d{6}/;
/** Beyond a line's bound, and in sum beyond a block. */
const longTail = ' '.repeat(200_000);

class Log {
  readonly folder = join(root, String(sequences++));
  readonly reader: FilesReader;
  /** Of the log, when the last write ended in the middle of a line. */
  #half = '';
  #next = 0;
  #seen = new Set<string>();
  readonly lost = new Set<string>();

  constructor(pattern: string) {
    mkdirSync(this.folder);
    this.reader = new FilesReader(join(this.folder, pattern), 1_000);
  }

  at(suffix = ''): string {
    return join(this.folder, `access.log${suffix}`);
  }

  has(suffix = ''): boolean {
    return existsSync(this.at(suffix));
  }

  #line(): string {
    return `line ${String(this.#next++).padStart(6, '0')}`;
  }

  text(lines: number, long = false): string {
    return Array.from({ length: lines }, () => `${this.#line()}${long ? longTail : ''}\n`).join('');
  }

  append(text: string, suffix = ''): void {
    appendFileSync(this.at(suffix), suffix === '' ? `${this.#half}${text}` : text);
    if (suffix === '') this.#half = '';
  }

  appendHalf(): void {
    const line = this.#line();
    this.append(line.slice(0, 8));
    this.#half = `${line.slice(8)}\n`;
  }

  /** Whoever writes begins anew. */
  forgetHalf(): void {
    this.#half = '';
  }

  /** A copy is made, and is part of the log so far. Whoever makes it does not leave it so and truncate the log all the same. */
  isCopying = false;

  giveUpCopy(): void {
    if (this.isCopying) rmSync(this.at('.1'));
    this.isCopying = false;
  }

  /** `.1` to `.2`, and so on; what is packed moves, too. */
  shift(): void {
    this.giveUpCopy();
    for (let number = 8; number >= 1; number--)
      for (const packed of ['', '.gz'])
        if (this.has(`.${number}${packed}`))
          renameSync(this.at(`.${number}${packed}`), this.at(`.${number + 1}${packed}`));
  }

  /** Whole lines that stand in any file. */
  standing(): Set<string> {
    return new Set(
      readdirSync(this.folder).flatMap((name) => {
        const bytes = readFileSync(join(this.folder, name));
        const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1').replaceAll('\0', '');
        return text
          .split('\n')
          .slice(0, -1)
          .map((line) => line.slice(0, 11))
          .filter((line) => wholeLine.test(line));
      }),
    );
  }

  get read(): string[] {
    return this.reader.lines.map(({ text }) => text.slice(0, 11)).filter((text) => wholeLine.test(text));
  }

  /** After whatever happened. */
  remember(): void {
    const [standing, read] = [this.standing(), new Set(this.read)];
    for (const line of this.#seen) if (!standing.has(line) && !read.has(line)) this.lost.add(line);
    this.#seen = new Set([...this.#seen, ...standing]);
  }

  check(): void {
    const read = this.read;
    expect(read.filter((line, at) => read.indexOf(line) !== at)).toEqual([]);
    expect([...this.#seen].filter((line) => !read.includes(line) && !this.lost.has(line))).toEqual([]);
  }
}

type Happening = (log: Log, count: number) => void | Promise<unknown>;

const happenings: Record<string, Happening> = {
  write: (log, count) => log.append(log.text(count)),
  'write half a line': (log) => log.appendHalf(),
  'write long lines': (log, count) => log.append(log.text(count, true)),
  read: (log) => log.reader.read(),
  'be killed while reading': (log, count) => log.reader.read(count - 1),
  'rename and begin anew': (log, count) => {
    if (!log.has()) return;
    log.shift();
    renameSync(log.at(), log.at('.1'));
    log.forgetHalf();
    if (count % 2 === 0) log.append(log.text(count));
  },
  'write on into the renamed file': (log, count) => {
    if (!log.isCopying && log.has('.1') && endsWhole(log.at('.1'))) log.append(log.text(count), '.1');
  },
  'copy and truncate': (log) => {
    if (!log.has()) return;
    log.shift();
    copyFileSync(log.at(), log.at('.1'));
    truncateSync(log.at());
    log.forgetHalf();
  },
  'begin a copy': (log, count) => {
    if (!log.has()) return;
    log.shift();
    const bytes = readFileSync(log.at());
    writeFileSync(log.at('.1'), bytes.subarray(0, Math.floor((bytes.length * count) / 6)));
    log.isCopying = true;
  },
  'end the copy and truncate': (log) => {
    if (!log.isCopying) return;
    log.isCopying = false;
    copyFileSync(log.at(), log.at('.1'));
    truncateSync(log.at());
    log.forgetHalf();
  },
  'truncate and write': (log, count) => {
    log.giveUpCopy();
    log.forgetHalf();
    writeFileSync(log.at(), log.text(count * 3));
  },
  'truncate under a writer that does not append': (log, count) => {
    if (!log.has()) return;
    log.giveUpCopy();
    const { length } = readFileSync(log.at());
    truncateSync(log.at());
    truncateSync(log.at(), length);
    log.forgetHalf();
    log.append(log.text(count));
  },
  'delete and make anew': (log, count) => {
    log.giveUpCopy();
    rmSync(log.at(), { force: true });
    log.forgetHalf();
    log.append(log.text(count));
  },
  'pack and delete': (log, count) => {
    if (log.isCopying || !log.has('.1')) return;
    writeFileSync(log.at('.1.gz'), packed(readFileSync(log.at('.1')), count));
    rmSync(log.at('.1'));
  },
  'pack and keep both': (log, count) => {
    if (!log.isCopying && log.has('.1') && endsWhole(log.at('.1')))
      writeFileSync(log.at('.1.gz'), packed(readFileSync(log.at('.1')), count));
  },
};

function endsWhole(path: string): boolean {
  return readFileSync(path).at(-1) === 10;
}

/** In so many members. */
function packed(text: Buffer, members: number): Buffer {
  const step = Math.ceil(text.length / members) || 1;
  const parts = Array.from({ length: members }, (_, at) => gzipSync(text.subarray(at * step, (at + 1) * step)));
  return Buffer.concat(parts);
}

const names = Object.keys(happenings);
const steps = fc.array(fc.tuple(fc.constantFrom(...names, 'write', 'read', 'read'), fc.integer({ min: 1, max: 5 })), {
  minLength: 4,
  maxLength: 24,
});

test('whatever happens to a log, in whatever order, each line is read once', async () => {
  const sequence = fc.asyncProperty(fc.constantFrom('access.log', 'access.log*'), steps, async (pattern, taken) => {
    const log = new Log(pattern);
    log.append(log.text(2));
    await log.reader.read();
    log.remember();
    for (const [name, count] of taken) {
      await happenings[name]!(log, count);
      log.remember();
    }
    await log.reader.settle();
    log.check();
    rmSync(log.folder, { recursive: true });
  });
  await fc.assert(sequence, { numRuns: tries(50, 1_000) });
}, 600_000);
