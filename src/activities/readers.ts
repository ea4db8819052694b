// Open readers, kept between pages: a git process or an open file need not start again for every page. A reader is only
// a shortcut; the stored page before it says where to open another.
import { LRUCache } from 'lru-cache';
import type { Chunk } from '../domain/source.js';
import { limits } from '../limits.js';

export interface Reader {
  /** Digest of the position after the last chunk taken. */
  readonly digest: string;
  readonly chunks: AsyncGenerator<Chunk<unknown>, void, void>;
  /** A chunk read but not taken: it did not fit the last page. */
  readonly held: Chunk<unknown> | undefined;
  readonly closed: AbortSignal;
  /** Ends processes and files the generator holds open. */
  readonly close: () => void;
}

export interface Readers {
  /** Takes the reader that stands at this position, if there is one; the caller puts it back. */
  take(run: string, digest: string): Reader | undefined;
  /** `appetite`: room the next page is likely to need, in bytes of heap. */
  put(run: string, reader: Reader, appetite: number): void;
  /** Remembered longer than the reader; undefined where nothing is known. */
  appetite(run: string): number | undefined;
}

/** Runs of which the appetite is remembered: a number each. */
const appetitesMax = 10_000;

export function createReaders(): Readers {
  const open = new LRUCache<string, Reader>({
    max: limits.readersMax,
    ttl: limits.readerIdleMs,
    ttlAutopurge: true,
    dispose: (reader, _run, reason) => {
      if (reason !== 'set' && reason !== 'delete') reader.close();
    },
  });
  const appetites = new LRUCache<string, number>({ max: appetitesMax });
  return {
    take(run, digest) {
      const reader = open.get(run);
      if (reader === undefined) return undefined;
      open.delete(run);
      if (reader.digest === digest) return reader;
      reader.close();
      return undefined;
    },
    put(run, reader, appetite) {
      open.get(run)?.close();
      open.set(run, reader);
      appetites.set(run, appetite);
    },
    appetite: (run) => appetites.get(run),
  };
}
