// A tree on the disk, read as runs of the engine read it; and the tree that its events tell of.
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isWait } from '../../../src/domain/errors.js';
import { hashAnyEvent } from '../../../src/domain/content-hash.js';
import type { EventDraft, HashedEvent } from '../../../src/domain/event.js';
import type { Chunk, Problem, Source } from '../../../src/domain/source.js';
import { filesystem } from '../../../src/sources/filesystem/index.js';
import { Reading } from '../../../src/testing/reading.js';

const source = filesystem as Source;

export interface Told extends EventDraft {
  readonly id: string;
  readonly entity: HashedEvent['entity'];
}

const folders = mkdtempSync(join(tmpdir(), 'tributary-tree-'));
process.once('exit', () => rmSync(folders, { recursive: true, force: true }));

/** Gone when the process ends. Whoever runs the tests, others may pass through it. */
export function temporaryFolder(): string {
  chmodSync(folders, 0o755);
  const path = mkdtempSync(join(folders, 'tree-'));
  chmodSync(path, 0o755);
  return path;
}

/** Looks that follow each other at once; a file that is waited for is looked at again so often. */
const waitsMax = 5;

export class TreeRun {
  readonly root: string;
  readonly events: Told[] = [];
  problems: readonly Problem[] = [];
  readonly #reading: Reading;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(root: string, options: Readonly<Record<string, unknown>> = {}) {
    this.root = root;
    this.#options = { root, settleMs: 0, ...options };
    this.#reading = new Reading({ source, options: this.#options }, temporaryFolder());
  }

  get state() {
    return this.#reading.state;
  }

  get cursor() {
    return filesystem.cursor.parse(this.#reading.cursor);
  }

  get context() {
    return this.#reading.context;
  }

  hasNews(): Promise<boolean> {
    return source.hasNews!(this.context, this.#reading.cursor);
  }

  /** A run to its end: what it told. `accept`: a person said that what is gone is gone. */
  async sync({ accept = false } = {}): Promise<Told[]> {
    const before = this.events.length;
    if (await this.prepare(accept)) return [];
    await this.readOn();
    return this.events.slice(before);
  }

  /** True: there is nothing new. */
  async prepare(accept = false): Promise<boolean> {
    const context = { ...this.context, ...(accept ? { admitDeletions: async () => undefined } : {}) };
    const { cursor, nothingNew, problems = [] } = await source.prepare(context, this.#reading.cursor);
    this.problems = problems;
    if (nothingNew !== true) this.#reading.commit({ cursor });
    return nothingNew === true;
  }

  /** Reads on from what is committed; killed after so many chunks. */
  async readOn(chunksMax = Infinity): Promise<void> {
    for (let waits = 0, chunks = 0; ;) {
      try {
        for await (const chunk of source.read(this.context, this.#reading.cursor)) {
          if (++chunks > chunksMax) return;
          this.#commit(chunk);
        }
        return;
      } catch (error) {
        if (!isWait(error) || ++waits > waitsMax) throw error;
      }
    }
  }

  #commit(chunk: Chunk<unknown>): void {
    for (const record of chunk.records) {
      const options = source.options.parse(this.#options);
      for (const draft of source.toEvents(record, { options, stream: null })) {
        const rules = { source: 'tree', versionOrder: source.versionOrder };
        const { id, entity } = hashAnyEvent(draft, 0, record, 0, rules);
        this.events.push({ ...draft, id, entity });
      }
    }
    this.#reading.commit(chunk);
  }

  /** The newest version of each file, by its path: what `current_events` shows. */
  told(): Record<string, string> {
    const newest = new Map<string, Told>();
    for (const event of this.events) if (event.identity.kind === 'versioned') newest.set(event.entity!, event);
    const there = [...newest.values()].filter(
      ({ identity }) => identity.kind === 'versioned' && identity.deleted !== true,
    );
    const paths = there.map(({ subject }) => subject!);
    if (new Set(paths).size !== paths.length) throw new Error(`a path is told twice: ${paths.sort().join(', ')}`);
    return sorted(there.map(({ subject, data }) => [subject!, JSON.stringify([data['type'], data['mode'], data['sha256'] ?? data['target'] ?? null])])); // prettier-ignore
  }
}

/** What is on the disk, looked at in another way. */
export function onDisk(root: string): Record<string, string> {
  return sorted(pathsBelow(root, '').map((path) => [path, JSON.stringify(entryAt(join(root, path)))]));
}

/** Node's own recursive listing follows links. */
function pathsBelow(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...pathsBelow(root, path)] : [path];
  });
}

function entryAt(path: string): unknown[] {
  const stats = lstatSync(path);
  const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
  if (stats.isDirectory()) return ['directory', mode, null];
  if (stats.isSymbolicLink()) return ['symlink', mode, readlinkSync(path)];
  return ['file', mode, createHash('sha256').update(readFileSync(path)).digest('hex')];
}

function sorted(entries: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

export function namesOf(events: readonly Told[]): string[] {
  return events.map(({ type, subject, data: { from } }) =>
    typeof from === 'string' ? `${type} ${from} → ${subject}` : `${type} ${subject}`,
  );
}
