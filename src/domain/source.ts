// The contract of a source type. One file or folder per type under src/sources, registered by one line in
// src/sources/index.ts; adding one touches no workflow.
//
// A source reads pages of raw records and, separately and purely, maps a raw record to events. The engine stores the raw
// page first, so mapping can be repeated from the store without asking the origin again.
import type { z } from 'zod';
import type { Audited } from './audit.js';
import type { EventType } from './catalogue.js';
import type { Course } from './course.js';
import type { Deletions } from './deletions.js';
import type { EventDraft } from './event.js';
import type { PipedRecords } from './piped.js';
import type { SourceState, StatePatch } from './source-state.js';
import type { VersionOrder } from './version-order.js';

/** One record exactly as it came, before anything looked at it. At most limits.recordBytesMax. */
export type RawRecord = Uint8Array;

/** What a source is given with each call. */
export interface SourceContext<Options> {
  readonly sourceId: string;
  readonly options: Options;
  /** A directory of this source's own on this machine; may be empty or gone next time (rebuild from the origin). */
  readonly directory: string;
  readonly state: SourceState;
  /**
   * To be awaited by a source that tells of deletions, after each look at what there is and before anything is changed by
   * it (a state row, a copy of the origin's): throws when the look is not to be believed. See domain/deletions.ts.
   */
  readonly admitDeletions: (deletions: Deletions) => Promise<void>;
  /**
   * Things of this type, by what their events are about (`entity`, or the id of what has no versions), that are stored flagged
   * `missing_object` and of which no later version is stored. A source that can read one of them now gives it as a new version.
   * At most limits.incompleteMax.
   */
  readonly incomplete: (type: string) => Promise<readonly string[]>;
  /** What a reference (domain/secret-reference.ts) names, read now: to be used and not to be kept. Throws NeedsAttention that names the reference. */
  readonly secret: (reference: string) => Promise<string>;
  /** Aborts when the activity is cancelled or the worker shuts down: close processes and sockets then. */
  readonly signal: AbortSignal;
  /** How far a `prepare` is that takes more than a moment, as often as it changes; undefined where nobody is told. */
  readonly tell?: ((course: Course) => void) | undefined;
  /** A person said now: what the origin said about when to come back holds nobody back. */
  readonly askNow?: boolean | undefined;
  /** This is the last try: what fails now fails for good, until a person has looked at it. */
  readonly lastAttempt?: boolean | undefined;
}

/** A step of reading: `cursor` is true once these records (and all before them) are stored. Records may be empty. */
export interface Chunk<Cursor> {
  readonly records: readonly RawRecord[];
  readonly cursor: Cursor;
  readonly state?: readonly StatePatch[] | undefined;
  /** Events these records will map to, where it is more than one a record; bounds the page. */
  readonly events?: number | undefined;
  /** The part of the source they are of; `defineStreams` sets it. */
  readonly stream?: string | undefined;
}

/** So many records in a row of one stream; null: of none. */
export type StreamRun = readonly [stream: string | null, records: number];

/** What a mapper may know beside the record. */
export interface Mapping<Options> {
  readonly options: Options;
  /** Null where the source has no streams. */
  readonly stream: string | null;
}

/** A part of the origin that cannot be read: it is left out and told, and all else is read. The run ends `done_with_problems`. */
export interface Problem {
  /** Which part, in the origin's own words (`refs/heads/main`). */
  readonly name: string;
  readonly code: string;
  /** What was found and what to do; no secrets, no data of events. */
  readonly message: string;
}

/** A problem with when it was first found, RFC 3339: it is the same as long as each look finds it again. */
export interface ToldProblem extends Problem {
  readonly since: string;
}

/** What `prepare` learnt: where reading should start and how much there is to read. */
export interface Prepared<Cursor> {
  /** Where to read from; must be the committed cursor, or one whose reading covers everything after the committed one. */
  readonly cursor: Cursor;
  /** Raw records expected from `cursor` to the end, when the origin can tell; only for progress. */
  readonly recordsExpected?: number | undefined;
  /** True: there is nothing after the committed cursor, and nothing is read. A source that cannot tell leaves it out, and is read. */
  readonly nothingNew?: boolean | undefined;
  readonly problems?: readonly Problem[] | undefined;
}

/** A type of source: how it is configured, read and mapped (docs/adding-a-source.md). */
export interface Source<Options = unknown, Cursor = unknown> {
  /** Name of the type: `git`, `synthetic` … */
  readonly type: string;
  /** One line for `tributary sync --help`. */
  readonly summary: string;
  /** The event types it makes, for search, lines, views and `tributary types`. The simplest source declares none. */
  readonly events?: readonly EventType[] | undefined;
  /** The option that the CLI's positional argument fills (`url`, `path`). */
  readonly argument?: string | undefined;
  /** It is a path of this machine, or a glob of paths, and nothing else: commands make a relative one absolute, whether it is there or not. */
  readonly argumentIsPath?: boolean | undefined;
  /**
   * Whether a path (absolute) or a url is one of this type's, asked where people leave the type out: `tributary sync .`. A look
   * at the word or the file system, nothing further away; no false `true`, since a word that two types take is refused.
   */
  readonly recognises?: ((place: string) => boolean) | undefined;
  /** Strict: unknown options are refused by name. */
  readonly options: z.ZodType<Options>;
  /** The options that form the origin, as one comparable text without secrets; fixed when the source is created. */
  origin(options: Options): string;
  /** An id for a source nobody named, derived from the origin; must satisfy `sourceIdSchema`. */
  defaultId(options: Options): string;
  /** Versioned: every cursor carries `v`. */
  readonly cursor: z.ZodType<Cursor>;
  readonly initialCursor: Cursor;
  /** Raised when `toEvents` makes other data of the same record; noted with each page that is read. */
  readonly mapperVersion: number;
  /**
   * Raised when `toEvents` gives the same event another identity; 1 where it is not given. A source keeps the one it began
   * with and refuses another: all it has read would come again as new events.
   */
  readonly identityVersion?: number | undefined;
  /** Top-level fields of `data` that the content hash leaves out: bookkeeping that changes without the event changing. */
  readonly volatileFields?: readonly string[] | undefined;
  /**
   * It may give records again that it gave before, as a source does that asks for everything since a moment. Their events
   * must have the same identities; the conformance suite compares those instead of the records.
   */
  readonly overlaps?: boolean | undefined;
  /** How the versions of its `versioned` events follow each other; needed where it has any. */
  readonly versionOrder?: VersionOrder | undefined;
  /** The same, where options say it. They must form the origin: stored versions keep their order. */
  versionOrderBy?(options: Options): VersionOrder;
  /** Checks what only the origin can tell (reachable? a repository?), clones, fetches; freezes what this run will read. */
  prepare(context: SourceContext<Options>, committed: Cursor): Promise<Prepared<Cursor>>;
  /**
   * The cheap look at a followed source that was read to its end, once per interval: true when there may be something new, and
   * `prepare` is asked. It changes nothing. What it throws is left to `prepare` to meet and tell. Without it, each look is a `prepare`.
   */
  hasNews?(context: SourceContext<Options>, committed: Cursor): Promise<boolean>;
  /**
   * Reads from `cursor` to the end of what `prepare` froze. Must give the same records again from any cursor it ever yielded.
   * Never retries or sleeps: throws an EngineError and lets the engine decide. Chunks given before it are kept; `WaitUntil`
   * is no failure, reading goes on then. Returning means the end was reached.
   */
  read(context: SourceContext<Options>, cursor: Cursor): AsyncGenerator<Chunk<Cursor>, void, void>;
  /**
   * For `tributary verify --deep`: the origin as it is now, beside what was read of it, part by part. It changes nothing, and what
   * was never read it does not give.
   */
  audit?(context: SourceContext<Options>, committed: Cursor): AsyncGenerator<Audited, void, void>;
  /** Where the options name standard input: the command reads it, for the door (src/door). For a worker it has nothing new. */
  piped?(options: Options): PipedRecords | undefined;
  /** Pure: record to events. Throws `RecordRejected` for a record that is no event; the page goes on without it. */
  toEvents(record: RawRecord, mapping: Mapping<Options>): readonly EventDraft[];
}

/** Global, so that it is known whichever copy of this package made it. */
const rejected = Symbol.for('tributary.record-rejected');

/** Thrown by `toEvents`: this record becomes a dead letter with this reason, its neighbours are not touched. */
export class RecordRejected extends Error {
  readonly [rejected] = true;
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'RecordRejected';
    this.code = code;
  }
}

/**
 * Whether an error is a `RecordRejected`, of whichever copy of this package.
 *
 * @example
 * ```ts
 * try {
 *   source.toEvents(record, { options, stream: null });
 * } catch (error) {
 *   if (isRecordRejected(error)) console.log(error.code);
 *   else throw error;
 * }
 * ```
 */
export function isRecordRejected(error: unknown): error is RecordRejected {
  return typeof error === 'object' && error !== null && rejected in error;
}

/**
 * Keeps the option and cursor types of a definition while it is written. What only shows when it is loaded (a type that is
 * taken, an event type declared wrongly) is an `InvalidInput` that names the field.
 *
 * @example
 * ```ts
 * import { readFile } from 'node:fs/promises';
 * import { defineSource, sourceIdFrom, z } from 'tributary-events';
 *
 * const lines = defineSource({
 *   type: 'acme-lines',
 *   summary: 'the lines of a file that only grows',
 *   argument: 'path',
 *   options: z.strictObject({ path: z.string() }),
 *   origin: ({ path }) => path,
 *   defaultId: ({ path }) => sourceIdFrom(path),
 *   cursor: z.strictObject({ v: z.literal(1), line: z.int() }),
 *   initialCursor: { v: 1, line: 0 },
 *   mapperVersion: 1,
 *   prepare: async (_context, committed) => ({ cursor: committed }),
 *   async *read({ options }, { line }) {
 *     const found = (await readFile(options.path, 'utf8')).split('\n').slice(line, -1);
 *     if (found.length > 0) yield { records: found.map((one) => Buffer.from(one)), cursor: { v: 1, line: line + found.length } };
 *   },
 *   toEvents: (record) => [{ type: 'acme.line', identity: { kind: 'content' }, data: { text: Buffer.from(record).toString() } }],
 * });
 * export const sources = [lines];
 * ```
 */
export function defineSource<Options, Cursor>(source: Source<Options, Cursor>): Source<Options, Cursor> {
  return source;
}
