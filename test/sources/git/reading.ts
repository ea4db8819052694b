// The least of an engine: keeps the cursor and the state rows that a source hands over, as the store would.
import { memoryState } from '../../../src/testing/memory-state.js';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { admitDeletions, type Deletions } from '../../../src/domain/deletions.js';
import type { EventDraft, Json, JsonObject } from '../../../src/domain/event.js';
import type { Chunk, Prepared, SourceContext } from '../../../src/domain/source.js';
import { git } from '../../../src/sources/git/index.js';
import type { Cursor } from '../../../src/sources/git/cursor.js';
import type { GitOptions, options as schema } from '../../../src/sources/git/options.js';
import { temporaryDirectory } from './repository.js';

export type GitChunk = Chunk<Cursor>;

export class Reading {
  /** May change between runs, as a user may change them. */
  options: GitOptions;
  readonly directory = join(temporaryDirectory(), 'source');
  readonly rows = new Map<string, { kind: string; key: string; value: Json }>();
  cursor: Cursor = git.initialCursor;
  acceptDeletions = false;
  /** Commits that the store has flagged. */
  incomplete: readonly string[] = [];
  readonly stopping = new AbortController();

  constructor(options: z.input<typeof schema>) {
    this.options = git.options.parse(options);
  }

  get context(): SourceContext<GitOptions> {
    mkdirSync(this.directory, { recursive: true });
    const state = memoryState(() => this.rows.values());
    const admit = (deletions: Deletions) => admitDeletions('test', deletions, this.acceptDeletions);
    return {
      sourceId: 'test',
      options: this.options,
      directory: this.directory,
      state,
      admitDeletions: admit,
      secret: async () => 'canary',
      incomplete: async () => this.incomplete,
      signal: this.stopping.signal,
    };
  }

  /** Commits a chunk: its cursor and its rows, together. */
  commit(chunk: GitChunk): void {
    this.cursor = git.cursor.parse(JSON.parse(JSON.stringify(chunk.cursor)));
    for (const { kind, key, value } of chunk.state ?? []) {
      if (value === null) this.rows.delete(`${kind} ${key}`);
      else this.rows.set(`${kind} ${key}`, { kind, key, value });
    }
  }

  async prepare(): Promise<Prepared<Cursor>> {
    return git.prepare(this.context, this.cursor);
  }

  async chunks(from: Cursor): Promise<GitChunk[]> {
    const chunks: GitChunk[] = [];
    for await (const chunk of git.read(this.context, from)) chunks.push(chunk);
    return chunks;
  }

  /** One run: reads to the end and commits all of it. */
  async run(): Promise<EventDraft[]> {
    const { cursor } = await this.prepare();
    const events: EventDraft[] = [];
    for (const chunk of await this.chunks(cursor)) {
      events.push(...eventsOf(chunk));
      this.commit(chunk);
    }
    return events;
  }
}

/** The records of chunks, as one buffer: comparing megabytes by element takes a test's whole time. */
export function recordBytes(chunks: readonly GitChunk[]): Buffer {
  return Buffer.concat(
    chunks.flatMap(({ records }) => records.flatMap((record) => [Buffer.from(`${record.length}\n`), record])),
  );
}

/** The events of a chunk; their number must be what the chunk said. */
export function eventsOf(chunk: GitChunk): EventDraft[] {
  const events = chunk.records.flatMap((record) => git.toEvents(record, { options: {} as GitOptions, stream: null }));
  if (events.length !== chunk.events) throw new Error(`a chunk says ${chunk.events} events and has ${events.length}`);
  return events;
}

/** What is told of commits and files, without what is told of refs, which has the time of the look. */
export function contentsOf(events: readonly EventDraft[]): EventDraft[] {
  return events.filter(({ type }) => type === 'git.commit' || type === 'git.file_change');
}

export function commitsOf(events: readonly EventDraft[]): JsonObject[] {
  return events.filter(({ type }) => type === 'git.commit').map(({ data }) => data);
}

export function shasOf(events: readonly EventDraft[]): string[] {
  return commitsOf(events).map(({ sha }) => text(sha));
}

export function filesOf(events: readonly EventDraft[], commit: string): JsonObject[] {
  return events
    .filter(({ type, data }) => type === 'git.file_change' && data['commit'] === commit)
    .map(({ data }) => data);
}

export function eventOf(events: readonly EventDraft[], key: string): EventDraft {
  const found = events.find(({ identity }) => identity.kind === 'immutable' && identity.key === key);
  if (found === undefined) throw new Error(`no event ${key}`);
  return found;
}

export function text(value: Json | undefined): string {
  if (typeof value !== 'string') throw new Error(`expected text, found ${typeof value}`);
  return value;
}

/** What was told of refs, without what is told of commits and files. */
export function refEventsOf(events: readonly EventDraft[]): EventDraft[] {
  return events.filter(({ type }) => /^git\.(ref|tag|default_branch)_/.test(type));
}

/** `created refs/heads/main` …, in the order told. */
export function storyOf(events: readonly EventDraft[]): string[] {
  return refEventsOf(events).map(({ type, data }) => `${type.slice('git.'.length)} ${text(data['ref'])}`);
}

/** Commits said to be unreachable (or reachable again). */
export function markedOf(events: readonly EventDraft[], word: 'unreachable' | 'reachable'): string[] {
  return events.filter(({ type }) => type === `git.commit_${word}`).map(({ data }) => text(data['commit']));
}

export function keysOf(events: readonly EventDraft[]): string[] {
  return events.map(({ identity }) => (identity.kind === 'immutable' ? identity.key : ''));
}
