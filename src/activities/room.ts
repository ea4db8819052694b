// Memory for pages, shared by all sources of a worker and counted in bytes of heap. Whoever wants a page in memory takes
// room first and waits its turn for it, so any number of busy sources stays under the worker's bound.

/** While somebody waits, what nobody works on is looked for this often: it grows old without anything that would tell. */
const askAgainMs = 1_000;

/** Room that is held until it is released; releasing twice is harmless. */
export interface Lease {
  readonly bytes: number;
  /** What was taken turned out to be more or less. Never waits: the next one to ask does. */
  resize(bytes: number): void;
  /** False when others wait or nothing is left; then nothing has changed. */
  grow(bytes: number): boolean;
  release(): void;
}

/** Pages under way go first: each that ends makes room, and each that is begun takes some. */
export type Urgency = 'under way' | 'new';

export interface Room {
  readonly bytesMax: number;
  readonly bytesTaken: number;
  readonly waiting: number;
  /**
   * In the order of asking. More than there is means all of it: alone. Rejects with the reason of `cancelled`; resolves
   * undefined when the turn did not come within `waitMs`.
   */
  take(bytes: number, urgency: Urgency, cancelled: AbortSignal, waitMs?: number): Promise<Lease | undefined>;
  /** Asked, again and again while somebody waits, to release what nobody works on. */
  onShortage(reclaim: (bytes: number) => void): void;
}

interface Waiter {
  readonly bytes: number;
  readonly serve: (lease: Lease) => void;
}

export function createRoom(bytesMax: number): Room {
  return new CountedRoom(bytesMax);
}

class CountedRoom implements Room {
  bytesTaken = 0;
  readonly #waiters: Record<Urgency, Set<Waiter>> = { 'under way': new Set(), new: new Set() };
  #reclaim: (bytes: number) => void = () => undefined;
  #serving = false;
  #asking: NodeJS.Timeout | undefined;

  readonly bytesMax: number;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get waiting(): number {
    return this.#waiters['under way'].size + this.#waiters.new.size;
  }

  onShortage(reclaim: (bytes: number) => void): void {
    this.#reclaim = reclaim;
  }

  async take(bytes: number, urgency: Urgency, cancelled: AbortSignal, waitMs = Infinity): Promise<Lease | undefined> {
    cancelled.throwIfAborted();
    const wanted = Math.min(bytes, this.bytesMax);
    if (this.#goesBeforeAll(urgency) && this.#fits(wanted)) return this.#lease(wanted);
    return this.#wait(wanted, urgency, cancelled, waitMs);
  }

  #wait(bytes: number, urgency: Urgency, cancelled: AbortSignal, waitMs: number): Promise<Lease | undefined> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiters[urgency].delete(waiter);
        clearTimeout(timer);
        cancelled.removeEventListener('abort', abort);
      };
      const giveUp = (settle: () => void) => {
        leave();
        settle();
        // Whoever stood behind may fit where this one did not.
        this.#serve();
      };
      const abort = () => giveUp(() => reject(cancelled.reason as Error));
      const timer = waitMs === Infinity ? undefined : setTimeout(() => giveUp(() => resolve(undefined)), waitMs);
      const waiter: Waiter = { bytes, serve: (lease) => (leave(), resolve(lease)) };
      cancelled.addEventListener('abort', abort, { once: true });
      this.#waiters[urgency].add(waiter);
      this.#serve();
    });
  }

  #goesBeforeAll(urgency: Urgency): boolean {
    return this.#waiters['under way'].size === 0 && (urgency === 'under way' || this.#waiters.new.size === 0);
  }

  #fits(bytes: number): boolean {
    return this.bytesTaken + bytes <= this.bytesMax;
  }

  #serve(): void {
    // Reclaiming releases room, and a release calls this again.
    if (this.#serving) return;
    this.#serving = true;
    this.#askAgain(this.#serveInTurn());
    this.#serving = false;
  }

  /** The first in line and nobody past it: a large page would wait for ever behind small ones. True while somebody waits. */
  #serveInTurn(): boolean {
    for (;;) {
      const [first] = this.#waiters['under way'].size > 0 ? this.#waiters['under way'] : this.#waiters.new;
      if (first === undefined) return false;
      if (!this.#fits(first.bytes)) this.#reclaim(this.bytesTaken + first.bytes - this.bytesMax);
      if (!this.#fits(first.bytes)) return true;
      first.serve(this.#lease(first.bytes));
    }
  }

  #askAgain(needed: boolean): void {
    clearTimeout(this.#asking);
    this.#asking = needed ? setTimeout(() => this.#serve(), askAgainMs).unref() : undefined;
  }

  #lease(taken: number): Lease {
    let bytes = 0;
    const change = (to: number) => {
      this.bytesTaken += to - bytes;
      bytes = to;
    };
    change(taken);
    return {
      get bytes() {
        return bytes;
      },
      resize: (to) => {
        const smaller = to < bytes;
        change(to);
        if (smaller) this.#serve();
      },
      grow: (by) => {
        if (this.waiting > 0 || !this.#fits(by)) return false;
        change(bytes + by);
        return true;
      },
      release: () => {
        change(0);
        this.#serve();
      },
    };
  }
}
