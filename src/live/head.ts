// The reading along at the head of the feed, for as long as there are readers.
import { isAfter } from '../domain/feed-position.js';
import { liveLimits } from './limits.js';
import { listenForCommits, type CommitListener } from '../store/commit-listener.js';
import { feedHead, readFeed, type FedBatch } from './fed-event.js';
import type { Head, Shared } from './shared.js';
import { createWaiting } from './waiting.js';
import { FeedWindow } from './window.js';

export function createHead(shared: Shared): Head {
  const head = new FeedHead(shared);
  void head.run();
  return head;
}

class FeedHead implements Head {
  window: FeedWindow | undefined;
  readonly #shared: Shared;
  #ended = false;
  #troubled = false;
  #heard = false;
  #listener: CommitListener | undefined;
  #listensAgainAt = 0;
  readonly #word = createWaiting();
  readonly #moves = createWaiting();

  constructor(shared: Shared) {
    this.#shared = shared;
  }

  moved(): void {
    this.#moves.wake();
  }

  trouble(error: unknown): void {
    if (this.#troubled || this.#ended) return;
    this.#troubled = true;
    this.#shared.onTrouble?.(error);
  }

  end(): void {
    this.#ended = true;
    this.#listener?.end();
    this.#word.wake();
    this.#moves.wake();
  }

  async run(): Promise<void> {
    while (!this.#ended) {
      try {
        await this.#listen();
        const went = await this.#read();
        this.#troubled = false;
        // What was committed while it read is read at once; else it waits for the word.
        if (!went && !this.#heard && !this.#ended) await this.#word.wait(liveLimits.feedLookMs);
        this.#heard = false;
      } catch (error) {
        this.trouble(error);
        if (!this.#ended) await this.#word.wait(liveLimits.feedPauseMs);
      }
    }
  }

  /** Whether there was something. */
  async #read(): Promise<boolean> {
    const { pool, eventBytes } = this.#shared;
    if (this.window === undefined) {
      this.window = new FeedWindow(await feedHead(pool));
      this.#shared.waiting.wake();
    }
    const bounds = { rows: liveLimits.feedReadEvents, bytes: liveLimits.feedReadBytes, ...eventBytes };
    const batch = await readFeed(pool, this.window.to, {}, bounds);
    if (!isAfter(batch.reached, this.window.to)) return false;
    await this.#paced(this.window, batch);
    this.window.append(batch);
    this.#shared.waiting.wake();
    return true;
  }

  /** Who keeps up is given time to: a page of 20,000 would be through the window before anybody had read of it. */
  async #paced(window: FeedWindow, batch: FedBatch): Promise<void> {
    const begins = window.beginsWith(batch);
    const until = performance.now() + liveLimits.feedPaceMs;
    const isNeeded = (): boolean =>
      [...this.#shared.readers].some(({ at }) => window.covers(at) && isAfter(begins, at));
    while (!this.#ended && isNeeded()) {
      const left = until - performance.now();
      if (left <= 0) return;
      await this.#moves.wait(left);
    }
  }

  /** Without it the feed is only later: it looks by itself. A pooler between us and Postgres may hear nothing. */
  async #listen(): Promise<void> {
    if (this.#listener !== undefined || performance.now() < this.#listensAgainAt) return;
    this.#listensAgainAt = performance.now() + liveLimits.feedListenAgainMs;
    const heard = (): void => {
      this.#heard = true;
      this.#word.wake();
    };
    const lost = (): void => {
      this.#listener = undefined;
      heard();
    };
    const listener = await listenForCommits(this.#shared.pool, heard, lost).catch(() => undefined);
    if (this.#ended) listener?.end();
    else this.#listener = listener;
  }
}
