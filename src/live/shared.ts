// What the readers of a process and the reading at the head have in common.
import type { FeedPosition } from '../domain/feed-position.js';
import type { Pool } from '../store/pool.js';
import type { FedBounds } from '../store/reading/commit-feed.js';
import type { Places } from './places.js';
import type { Waiting } from './waiting.js';
import type { FeedWindow } from './window.js';

export interface FeedParts {
  /** Of at least three sessions: one listens, one reads at the head, the others for whoever is behind. */
  readonly pool: Pool;
  /** Of one event; what is larger is left out. */
  readonly eventBytes: Pick<FedBounds, 'dataBytes' | 'enrichmentBytes'>;
  /** Postgres does not answer; told once until it does. Readers wait meanwhile. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

export interface Shared extends FeedParts {
  /** For events. */
  readonly waiting: Waiting;
  /** For reads behind the window. */
  readonly places: Places;
  readonly readers: ReadonlySet<{ readonly at: FeedPosition }>;
  head: Head | undefined;
  ended(reader: { readonly at: FeedPosition }): void;
}

export interface Head {
  /** Undefined until it knows where the feed ends. */
  readonly window: FeedWindow | undefined;
  /** A reader asks for more. */
  moved(): void;
  /** A read failed, whoever's. */
  trouble(error: unknown): void;
  end(): void;
}
