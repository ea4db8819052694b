// A sync as a program sees it: started or joined, watched, awaited.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { parseSyncInput } from '../../domain/sync-input.js';
import type { SyncResult } from '../../domain/sync-result.js';
import { findSource } from '../../store/sources.js';
import type { Progress } from '../../workflows/messages.js';
import { knownSource } from '../sources/known-source.js';
import { checkWorkers } from '../stack/worker-check.js';
import { beginSync } from '../sync/begin-sync.js';
import type { Watcher } from '../sync/follow-sync.js';
import { lookNow } from '../sync/followed-sync.js';
import { orderOf, type SyncOrder } from '../sync/source-input.js';
import type { StartedSync } from '../sync/start-sync.js';
import { endOf } from '../sync/stop-sync.js';
import { previewOf } from '../sync/sync-preview.js';
import type { Links } from './links.js';

/** A source by its type and options, as the first sync of it names it. */
export interface SourceToSync {
  /** `git`, `synthetic`, or a type of your own. */
  readonly type: string;
  /** Segments of `[a-z0-9._-]` joined by `/`, at most 120 characters; made from the options when it is not given. */
  readonly id?: string | undefined;
  /** As `tributary types <type>` lists them; paths are absolute, because a worker has another working directory. */
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** How a source is read. Kept with the source; null takes one back to its default, what is left out stays. */
export interface SyncSettings {
  /** `once` reads to the end; `follow` looks again and again, and ends when it is stopped. */
  readonly mode?: 'once' | 'follow' | null | undefined;
  /** Milliseconds between two looks at a followed source. */
  readonly pollIntervalMs?: number | null | undefined;
  /** The most a page holds, in events and bytes, and the pages in flight at once. */
  readonly batch?:
    | {
        readonly events?: number | null | undefined;
        readonly bytes?: number | null | undefined;
        readonly inFlight?: number | null | undefined;
      }
    | undefined;
  /** All stages of the run, in their order; without it all that the worker has. */
  readonly stages?: readonly string[] | null | undefined;
  /** Days that raw pages are kept. */
  readonly rawRetentionDays?: number | null | undefined;
  /** For this start alone: what the origin no longer has is gone, however much it is. */
  readonly acceptDeletions?: boolean | undefined;
}

/** How `result` waits. */
export interface ResultOptions {
  /** Called some times a second while a worker answers. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Aborted: `result` rejects with its reason, and the sync goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** A sync that was started or joined. It goes on whether or not anybody watches. */
export interface RunningSync {
  readonly source: string;
  /** `sync/<source id>`. */
  readonly workflowId: string;
  /** Of Temporal. */
  readonly runId: string;
  /** True: it ran already, and was asked to look at its origin once more before it ends. */
  readonly joined: boolean;
  /**
   * How it ended, whatever the outcome: a sync that failed has `outcome` and `reason`, and does not throw. Of a followed
   * source this waits until it is stopped.
   */
  result(options?: ResultOptions): Promise<SyncResult>;
  /**
   * Of a followed source: asks for a look now, and resolves when all that there was is stored, or it stands still and says
   * why. Undefined when it ended, or `signal` was aborted.
   */
  look(signal?: AbortSignal): Promise<Progress | undefined>;
}

/** Nobody is told what is tried again: whoever wants to know asks for the status. */
export const silent: Watcher = { progress() {}, silent() {}, setback() {} };

export async function sync(links: Links, named: string | SourceToSync, settings: SyncSettings): Promise<RunningSync> {
  const { config, pool, registry, modules, note } = links;
  const order = typeof named === 'string' ? await known(links, named, settings) : orderOf(registry, named, settings);
  await checkWorkers(pool, { config, terminal: { note } }, modules);
  const preview = previewOf(registry, order, await findSource(pool, order.id));
  const client = await links.temporal();
  const started = await beginSync({ client, pool, registry, taskQueue: config.taskQueue }, order, preview);
  // The sync may have looked at its origin before what the program means was there.
  if (started.attached) await started.handle.signal('poll').catch(() => undefined);
  return running(links, order.id, started);
}

async function known({ pool, registry }: Links, named: string, settings: SyncSettings): Promise<SyncOrder> {
  const sourceId = parseInput(sourceIdSchema, named, 'source');
  if (registry.types.includes(sourceId))
    throw new InvalidInput(
      'source',
      `${sourceId} is a type of sources; expected an id, or { type: '${sourceId}', options }`,
    );
  const { type, origin } = await knownSource(pool, sourceId, 'source');
  return { id: sourceId, type, origin, input: parseSyncInput({ sourceId, ...settings }) };
}

function running(links: Links, source: string, started: StartedSync): RunningSync {
  return {
    source,
    workflowId: started.handle.workflowId,
    runId: started.runId,
    joined: started.attached,
    async result({ onProgress = () => undefined, signal = new AbortController().signal } = {}) {
      const watcher = { ...silent, progress: onProgress };
      const end = await endOf(await links.temporal(), links.pool, source, started, watcher, signal);
      if (end === 'left') throw signal.reason;
      return end.result;
    },
    look: async (signal = new AbortController().signal) => lookNow(await links.temporal(), started, silent, signal),
  };
}
