// A source read without an engine: what runs of it would store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventDraft } from '../domain/event.js';
import type { StatePatch } from '../domain/source-state.js';
import { isRecordRejected, type RawRecord } from '../domain/source.js';
import { Reading, type Subject } from './reading.js';

/** What one run of a source would bring. */
export interface FakeRun {
  /** In the order they would be stored; duplicates are not looked for. */
  readonly events: readonly EventDraft[];
  /** What `toEvents` refused: these would be dead letters. */
  readonly rejected: readonly { readonly code: string; readonly message: string }[];
  /** Where the next run begins. */
  readonly cursor: unknown;
  /** The rows of `source_state` after it. */
  readonly state: readonly StatePatch[];
}

/** An engine for one source, in memory. */
export interface FakeEngine {
  /** Prepares and reads to the end, as a run does. A second call brings what is new since. Rejects with what the source throws. */
  sync(): Promise<FakeRun>;
}

/**
 * Runs a source as the engine does, without Temporal and Postgres: options are parsed, the cursor goes through JSON, state rows
 * are kept from run to run, each record is mapped once.
 *
 * Throws `InvalidInput` or a zod error for options the source refuses; `sync` rejects with what the source itself throws.
 *
 * @example
 * ```ts
 * import { fakeEngine } from 'tributary-events/testing';
 *
 * const engine = fakeEngine({ source: notes, options: { path: 'notes.jsonl' } });
 * console.log((await engine.sync()).events.length); // All of them.
 * console.log((await engine.sync()).events.length); // 0: nothing is new.
 * ```
 */
export function fakeEngine(subject: Subject): FakeEngine {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-engine-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const reading = new Reading(subject, join(directory, 'source'));
  return { sync: () => syncOnce(subject, reading) };
}

async function syncOnce(subject: Subject, reading: Reading): Promise<FakeRun> {
  await reading.prepare();
  const [events, rejected]: [EventDraft[], FakeRun['rejected'][number][]] = [[], []];
  const options = subject.source.options.parse(subject.options);
  const mapped = (record: RawRecord, stream: string | null): void => {
    try {
      events.push(...subject.source.toEvents(record, { options, stream }));
    } catch (error) {
      if (!isRecordRejected(error)) throw error;
      rejected.push({ code: error.code, message: error.message });
    }
  };
  for (const chunk of await reading.rest()) {
    for (const record of chunk.records) mapped(record, chunk.stream ?? null);
    reading.commit(chunk);
  }
  return { events, rejected, cursor: reading.cursor, state: reading.state };
}
