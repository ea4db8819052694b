// What is looked at again within a reading: files that somebody is writing, and what changed once more while it was told.
import { WaitUntil } from '../../domain/errors.js';
import { treeLimits } from './limits.js';
import { factsOf, msOf } from './print.js';

export class Waiting {
  count = 0;
  readonly #settleMs: number;
  /** Since when this reading waits; Unix milliseconds. */
  readonly #since: number | null;
  #first = '';
  #untilMs = Infinity;

  constructor(settleMs: number, since: number | null) {
    [this.#settleMs, this.#since] = [settleMs, since];
  }

  /** Somebody changed it a moment ago. One that is written all the time is read as it is in the end. */
  isWritten(print: string, moving = false): boolean {
    const { letter, ctimeNs } = factsOf(print);
    if (letter !== 'f' || (this.#since !== null && Date.now() - this.#since >= treeLimits.settleLongestMs))
      return false;
    const age = Date.now() - msOf(ctimeNs);
    return moving || (age >= 0 && age < this.#settleMs);
  }

  forQuiet(key: string, print: string): void {
    const age = Math.max(0, Date.now() - msOf(factsOf(print).ctimeNs));
    this.add(key, Date.now() + Math.max(1, this.#settleMs - age));
  }

  add(key: string, atMs: number): void {
    if (this.count++ === 0) this.#first = key;
    this.#untilMs = Math.min(this.#untilMs, atMs);
  }

  /** Null: nothing waits. */
  since(): number | null {
    return this.count === 0 ? null : (this.#since ?? Date.now());
  }

  /** Twice as long each time: of a log that is always written there are six looks in a minute. */
  wait(): WaitUntil {
    const now = Date.now();
    const until = Math.max(this.#untilMs, now + Math.max(0, now - (this.#since ?? now)));
    const what = this.count === 1 ? `${this.#first} is` : `${this.count} files, the first ${this.#first}, are`;
    return new WaitUntil(
      'being_written',
      `${what} still being written`,
      new Date(Math.min(until, now + treeLimits.settleLongestMs)),
    );
  }
}
