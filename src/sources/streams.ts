// A source made of streams: named parts of an origin (a repository's issues, a channel) that move, wait and fail by
// themselves. They take turns, chunk by chunk; when one waits or needs attention the others go on.
import { z } from 'zod';
import { isEngineError, isWait, NeedsAttention, WaitUntil } from '../domain/errors.js';
import type { EventDraft } from '../domain/event.js';
import {
  defineSource,
  type Chunk,
  type Mapping,
  type RawRecord,
  type Source,
  type SourceContext,
} from '../domain/source.js';
import { streamNews } from './stream-news.js';
import { healthy, isWaiting, patch, streamRows, told, troubled, type StreamRow } from './stream-rows.js';

/** Streams read at once: each may hold a connection. Others are opened again from their position when their turn comes. */
const openMax = 8;
/** Streams of one source; a workspace of Slack has some thousand channels. */
const streamsMax = 20_000;

/** A step of reading one stream: `position` is true once these records (and all before them) are stored. */
export interface StreamChunk<Position> extends Pick<Chunk<unknown>, 'records' | 'state' | 'events'> {
  readonly position: Position;
}

/** What a stream is read with. */
export interface StreamContext<Options> extends SourceContext<Options> {
  readonly stream: string;
}

/** A source whose origin has named parts that move, wait and fail by themselves: a repository's issues, a channel. */
export interface StreamsDefinition<Options, Position> extends Omit<
  Source<Options>,
  'cursor' | 'initialCursor' | 'prepare' | 'hasNews' | 'read' | 'toEvents'
> {
  readonly position: z.ZodType<Position>;
  readonly initialPosition: Position;
  /**
   * The streams there are now, asked once a round, and with each cheap look where there is one. One that is not among them any
   * more is kept, and read no further.
   */
  list(context: SourceContext<Options>): Promise<readonly string[]>;
  /**
   * The cheap look at one stream that was read to its end, as `Source.hasNews`: a conditional request, a question for its newest
   * record. A stream that needs attention is asked, too: it is read again when this does not throw. With `WaitUntil` the whole
   * source waits. Without it, each look of a follower is a round that reads all streams.
   */
  readonly hasNews?: (context: StreamContext<Options>, position: Position) => Promise<boolean>;
  /** As `Source.read`, for one stream. What it throws concerns this stream alone. */
  read(context: StreamContext<Options>, position: Position): AsyncGenerator<StreamChunk<Position>, void, void>;
  toEvents(record: RawRecord, mapping: Mapping<Options> & { readonly stream: string }): readonly EventDraft[];
}

const cursor = z.strictObject({
  v: z.literal(1),
  /** One more for each look. */
  round: z.int().min(0),
  /** The streams of this round are rows. */
  listed: z.boolean(),
  /** Chunks so far, of all rounds: each moves the position. */
  at: z.int().min(0),
});
export type StreamsCursor = z.infer<typeof cursor>;

/**
 * A source made of streams. They take turns, chunk by chunk; when one waits or needs attention the others go on, and the run
 * ends `done_with_problems`. How each stands is a row of the view `source_streams`. Reading throws `NeedsAttention` only when
 * none of them can go on.
 *
 * @example
 * ```ts
 * import { defineStreams, z } from 'tributary-events';
 *
 * const counters = defineStreams({
 *   type: 'acme-counters',
 *   summary: 'numbers, as an example',
 *   options: z.strictObject({ names: z.array(z.string()), to: z.int() }),
 *   origin: ({ names }) => names.join(),
 *   defaultId: () => 'acme/counters',
 *   mapperVersion: 1,
 *   position: z.strictObject({ v: z.literal(1), next: z.int() }),
 *   initialPosition: { v: 1, next: 1 },
 *   list: async ({ options }) => options.names,
 *   async *read({ options }, { next }) {
 *     for (let at = next; at <= options.to; at++) yield { records: [Buffer.from(String(at))], position: { v: 1, next: at + 1 } };
 *   },
 *   toEvents(record, { stream }) {
 *     const number = Number(Buffer.from(record).toString());
 *     return [{ type: 'acme.count', identity: { kind: 'immutable', key: `${stream}/${number}` }, data: { number } }];
 *   },
 * });
 * export const sources = [counters];
 * ```
 */
export function defineStreams<Options, Position>(
  definition: StreamsDefinition<Options, Position>,
): Source<Options, StreamsCursor> {
  const { hasNews, ...source } = definition;
  return defineSource<Options, StreamsCursor>({
    ...source,
    ...(hasNews === undefined ? {} : { hasNews: streamNews({ ...definition, hasNews }) }),
    cursor,
    initialCursor: { v: 1, round: 0, listed: false, at: 0 },
    // What there is is asked in `read`, so that the answer is a page like any other.
    prepare: async (_context, committed) => ({ cursor: { ...committed, round: committed.round + 1, listed: false } }),
    read: (context, from) => new Round(definition, context, from).read(),
    toEvents(record, mapping) {
      if (mapping.stream === null) throw new TypeError('a record of a source of streams without its stream');
      return definition.toEvents(record, { ...mapping, stream: mapping.stream });
    },
  });
}

interface Turn<Position> {
  readonly name: string;
  row: StreamRow;
  chunks: AsyncGenerator<StreamChunk<Position>, void, void> | undefined;
}

/** One look at all streams, from wherever it was left. */
class Round<Options, Position> {
  readonly #definition: StreamsDefinition<Options, Position>;
  readonly #context: SourceContext<Options>;
  #cursor: StreamsCursor;
  /** Those to be read, the next one first. */
  readonly #turns: Turn<Position>[] = [];
  readonly #waits: WaitUntil[] = [];
  /** Errors that may pass: the engine tries again, and those streams alone are read then. */
  readonly #failed: unknown[] = [];
  readonly #attention: string[] = [];
  /** Had nothing new, and nothing was stored about it. */
  readonly #quiet: Turn<Position>[] = [];
  #streams = 0;

  constructor(definition: StreamsDefinition<Options, Position>, context: SourceContext<Options>, from: StreamsCursor) {
    [this.#definition, this.#context, this.#cursor] = [definition, context, from];
  }

  async *read(): AsyncGenerator<Chunk<StreamsCursor>, void, void> {
    try {
      // Rows of chunks that were given are not seen until their page is stored: what was listed is known here.
      const known = await streamRows(this.#context.state);
      if (!this.#cursor.listed) yield* this.#list(known);
      this.#line(known);
      for (let turn = this.#turns.shift(); turn !== undefined; turn = this.#turns.shift()) yield* this.#take(turn);
    } finally {
      await Promise.all(this.#turns.flatMap(({ chunks }) => (chunks === undefined ? [] : [chunks.return()])));
    }
    // Those that are asked again later in this round must not take the quiet ones with them.
    const state = this.#quiet.map(({ name, row: quiet }) => patch(name, { ...quiet, ended: this.#cursor.round }));
    if (this.#failed.length + this.#waits.length > 0 && state.length > 0) yield this.#chunk({ records: [], state });
    this.#end();
  }

  /** When none can go on any more. */
  #end(): void {
    if (this.#failed.length > 0) throw this.#failed[0];
    const [first] = this.#waits.toSorted((one, other) => one.until.getTime() - other.until.getTime());
    if (first !== undefined) throw first;
    if (this.#streams > 0 && this.#attention.length === this.#streams) {
      throw new NeedsAttention(
        'streams_failed',
        `none of its ${this.#streams} streams can be read; the first says: ${this.#attention[0]}`,
      );
    }
  }

  async *#list(known: Map<string, StreamRow>): AsyncGenerator<Chunk<StreamsCursor>, void, void> {
    const names = new Set(await this.#definition.list(this.#context));
    if (names.size > streamsMax)
      throw new NeedsAttention(
        'too_many_streams',
        `found ${names.size} streams, expected at most ${streamsMax}; choose fewer by the source's options`,
      );
    const changed = new Map<string, StreamRow>();
    for (const name of names) {
      const before = known.get(name);
      if (before === undefined)
        changed.set(name, { position: this.#definition.initialPosition, state: 'reading', ended: null, records: 0 });
      else if (before.state === 'gone') changed.set(name, healthy(before, 'reading'));
    }
    for (const [name, before] of known) {
      if (names.has(name) || before.state === 'gone') continue;
      changed.set(
        name,
        troubled(before, 'gone', {
          code: 'not_listed',
          message: 'the origin does not list it any more; what was read of it is kept',
        }),
      );
    }
    for (const [name, row] of changed) known.set(name, row);
    this.#cursor = { ...this.#cursor, listed: true };
    // A round with nothing new writes nothing.
    if (changed.size > 0)
      yield this.#chunk({ records: [], state: [...changed].map(([name, row]) => patch(name, row)) });
  }

  /** Who is read in this round, in which order. */
  #line(known: ReadonlyMap<string, StreamRow>): void {
    const now = Date.now();
    for (const [name, found] of known) {
      if (found.state === 'gone') continue;
      this.#streams += 1;
      if (found.ended === this.#cursor.round) {
        if (found.state === 'needs_attention') this.#attention.push(`${name}: ${found.message}`);
        continue;
      }
      if (isWaiting(found, now) && this.#context.askNow !== true)
        this.#waits.push(new WaitUntil(found.code ?? 'rate_limited', found.message ?? name, new Date(found.until!)));
      else this.#turns.push({ name, row: found, chunks: undefined });
    }
  }

  async *#take(turn: Turn<Position>): AsyncGenerator<Chunk<StreamsCursor>, void, void> {
    const { name } = turn;
    try {
      turn.chunks ??= this.#definition.read(
        { ...this.#context, stream: name },
        this.#definition.position.parse(turn.row.position),
      );
      const { value, done } = await turn.chunks.next();
      if (done === true) {
        if (turn.row.state === 'up_to_date') {
          this.#quiet.push(turn);
          return;
        }
        turn.row = { ...healthy(turn.row, 'up_to_date'), ended: this.#cursor.round };
        yield this.#chunk({ records: [], state: [patch(name, turn.row)] });
        return;
      }
      const { records, position, state = [], events } = value;
      turn.row = { ...healthy(turn.row, 'reading'), position, records: turn.row.records + records.length };
      // Back in line before it is given: whoever closes this reader closes that one, too.
      this.#turns.push(turn);
      await this.#closeFar();
      yield this.#chunk({ records, events, state: [...state, patch(name, turn.row)] }, name);
    } catch (error) {
      this.#context.signal.throwIfAborted();
      yield* this.#trouble(turn, error);
    }
  }

  /** The stream whose turn is furthest away gives up its connection. */
  async #closeFar(): Promise<void> {
    const open = this.#turns.filter(({ chunks }) => chunks !== undefined);
    if (open.length <= openMax) return;
    const far = open.at(-1)!;
    await far.chunks!.return();
    far.chunks = undefined;
  }

  async *#trouble(
    { name, row: before }: Turn<Position>,
    error: unknown,
  ): AsyncGenerator<Chunk<StreamsCursor>, void, void> {
    const { code, message } = told(error);
    if (isWait(error)) {
      this.#waits.push(error);
      yield this.#chunk({
        records: [],
        state: [patch(name, troubled(before, 'rate_limited', { code, message, until: error.until.toISOString() }))],
      });
      return;
    }
    const mayPass = !isEngineError(error) || error.next === 'retry';
    if (mayPass && this.#context.lastAttempt !== true) {
      this.#failed.push(error);
      return;
    }
    this.#attention.push(`${name}: ${message}`);
    const given = { ...troubled(before, 'needs_attention', { code, message }), ended: this.#cursor.round };
    yield this.#chunk({ records: [], state: [patch(name, given)] });
  }

  #chunk(part: Pick<Chunk<unknown>, 'records' | 'state' | 'events'>, stream?: string): Chunk<StreamsCursor> {
    this.#cursor = { ...this.#cursor, at: this.#cursor.at + 1 };
    return { ...part, cursor: this.#cursor, stream };
  }
}
