// A process's output as it arrives, in one growing window. Callers look at what is there and ask for more only when it
// is too little, so that the common case costs no await. The process waits when nobody reads.
import type { Readable } from 'node:stream';
import { gitLimits } from './limits.js';

export class ByteReader {
  /** What has arrived and was not taken. */
  bytes: Buffer = Buffer.alloc(0);
  readonly #stream: Readable;
  #arrived: Buffer[] = [];
  #arrivedBytes = 0;
  #ended = false;
  #wake: () => void = () => {};

  constructor(stream: Readable) {
    this.#stream = stream;
    stream.on('data', (data: Buffer) => this.#arrive(data));
    stream.on('close', () => this.#end());
    stream.on('end', () => this.#end());
    stream.on('error', () => this.#end());
  }

  #arrive(data: Buffer): void {
    this.#arrived.push(data);
    this.#arrivedBytes += data.length;
    if (this.#arrivedBytes >= gitLimits.aheadBytes) this.#stream.pause();
    this.#wake();
  }

  #end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Adds what arrives next to `bytes`; false when there is no more. */
  async more(): Promise<boolean> {
    if (this.#arrived.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#arrived.length === 0) return false;
    this.bytes =
      this.bytes.length === 0 && this.#arrived.length === 1
        ? this.#arrived[0]!
        : Buffer.concat([this.bytes, ...this.#arrived]);
    this.#arrived = [];
    this.#arrivedBytes = 0;
    this.#stream.resume();
    return true;
  }

  /** Drops the first bytes of `bytes`. */
  skip(count: number): void {
    this.bytes = this.bytes.subarray(count);
  }
}
