// Tributary from inside a program. The types and the way in; what does the work is loaded when it is asked for.
import type { Source } from '../../domain/source.js';
import type { SyncResult } from '../../domain/sync-result.js';
import { configOf, type Places } from '../../places.js';
import type { CloudEvent } from '../../queries/cloud-event.js';
import type { EventListing, EventQuery } from './event-listing.js';
import type { PauseRequest, Paused, Resumed } from './pausing.js';
import type { GivenCloudEvent, GivenEvent, Recorded, RecordOptions } from './recording.js';
import type { RunningSync, SourceToSync, SyncSettings } from './running-sync.js';
import type { Status } from './status.js';

/** What `connect` connects to, and what this program brings. */
export interface ConnectOptions extends Places {
  /** Source types of this program beside the built-in ones; the workers must have them, too. */
  readonly sources?: readonly Source[] | undefined;
  /** False: with nothing configured and nothing running, `connect` throws instead of starting the embedded stack. */
  readonly start?: boolean | undefined;
  /** Gets the lines a command would print on the way: what is started, which settings of the worker differ. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/**
 * What the commands do, for programs. Errors are `EngineError`s where the engine knows what comes next: `InvalidInput` names
 * the field that is wrong, `NeedsAttention` says what a person must do. Anything else is a connection that was lost.
 */
export interface Tributary {
  /**
   * Starts the sync of a source, or joins the one that runs: there is never a second. A source that is known is named by its
   * id alone; `settings` that are given are kept with the source, the others stay as they are.
   *
   * Throws `InvalidInput` for a type, an option or a setting that is wrong, an id that is not known, an origin that differs
   * from the source's.
   */
  sync(source: string | SourceToSync, settings?: SyncSettings): Promise<RunningSync>;
  /**
   * Stores events of this program: at most 10,000 and 16 MiB in a call, one transaction. It answers after the commit, with the
   * counts and a verdict for each event; a bad event does not stop its neighbours. Where it throws, or its answer is lost, call
   * it again with the same events: none is stored twice. Needs Postgres alone, neither Temporal nor a worker.
   *
   * Throws `InvalidInput` for a call that is too large, a source of another type or one that was removed; `NeedsAttention` while
   * the source is paused, and where workers have stages or processors of their own that its events would miss.
   *
   * @example
   * ```ts
   * const { inserted, verdicts } = await tributary.record([{ type: 'order.paid', id: 'o-17', data: { amount: 12.5 } }], {
   *   source: 'shop/orders',
   * });
   * for (const verdict of verdicts) if (verdict.outcome === 'refused') console.error(verdict.index, verdict.reason);
   * ```
   */
  record(events: readonly (GivenEvent | GivenCloudEvent)[], options?: RecordOptions): Promise<Recorded>;
  /** Stored events by their time, as CloudEvents, fetched as they are read. Throws `InvalidInput` for a wrong query at once. */
  events(query?: EventQuery): EventListing<CloudEvent>;
  /** Where everything answers, the workers there are, and each source with its last run and its counts. */
  status(): Promise<Status>;
  /**
   * Pauses a source at a page boundary, and waits up to a minute until it stands. The pause is a row: it outlives the run, and
   * no run begins while it holds. Throws `InvalidInput` for a source that is not known, and an end that is over.
   */
  pause(source: string, request?: PauseRequest): Promise<Paused>;
  /** Takes a pause away. A sync that waits goes on by itself; one that was ended is to be started. */
  resume(source: string): Promise<Resumed>;
  /**
   * Ends the running sync of a source once the pages in flight are committed. The result it ended with; null when none runs,
   * or when it did not end within a minute, and ends later.
   */
  stop(source: string): Promise<SyncResult | null>;
  /** Closes the connections. What runs goes on. */
  close(): Promise<void>;
}

/**
 * Connects to Postgres and Temporal: those of `options`, else those that `DATABASE_URL` and `TEMPORAL_ADDRESS` name, else the
 * embedded ones of `home`, which are started where they do not run (`start: false` forbids it). Temporal is connected to
 * when it is first needed: a program that only reads events gets on without.
 *
 * Throws `InvalidInput` for an option or a variable that is wrong, `NeedsAttention` when the embedded stack cannot be
 * started, or must not be.
 *
 * @example
 * ```ts
 * import { connect } from 'tributary-events';
 *
 * const tributary = await connect();
 * try {
 *   const sync = await tributary.sync({ type: 'git', options: { url: 'https://github.com/acme/api.git' } });
 *   const { outcome, inserted } = await sync.result();
 *   console.log(outcome, inserted);
 *   for await (const event of tributary.events({ source: sync.source, type: 'git.commit', limit: 10 })) {
 *     console.log(event.time, event.subject);
 *   }
 * } finally {
 *   await tributary.close();
 * }
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Tributary> {
  const config = configOf(options);
  const { openClient } = await import('./open-client.js');
  return openClient(config, options);
}
