// The digest of an event's row: over its COPY line, of which `verify` makes the same text again from what Postgres holds.
// The worker pays for hashing what it sends anyway: 1 µs an event; reading rows back to digest them would take five.
import * as crypto from 'node:crypto';
import type { EventsDigest } from './chain.js';

/** Ordinal, and the first bytes of the row's digest. */
export const bytesPerRow = 8;

/** Over rows in the order of their ordinals. */
export class RowDigests {
  private readonly ordinals: number[] = [];
  private digests = '';

  /** Without its line end. */
  add(ordinal: number, line: string): void {
    this.ordinals.push(ordinal);
    // One-shot hashing to a binary string is the cheapest there is: a buffer for each costs as much as the hash.
    this.digests += crypto.hash('sha256', line, 'binary');
  }

  get count(): number {
    return this.ordinals.length;
  }

  finish(): EventsDigest {
    const digests = Buffer.from(this.digests, 'binary');
    const rows = Buffer.allocUnsafe(this.ordinals.length * bytesPerRow);
    this.ordinals.forEach((ordinal, at) => {
      rows.writeInt32BE(ordinal, at * bytesPerRow);
      digests.copy(rows, at * bytesPerRow + 4, at * digestBytes, at * digestBytes + 4);
    });
    return { digest: crypto.createHash('sha256').update(digests).digest(), rows };
  }
}

const digestBytes = 32;
