// gzip, of any number of members, and zstd, of any number of frames, piece by piece: memory is what one piece unpacks to,
// whatever a file claims of itself.
import { once } from 'node:events';
import { createGunzip, type Gunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { fileLimits } from './limits.js';
import { codeOf, FileRefused } from './regular-file.js';

export type Packed = 'gzip' | 'zstd';

/** Makes text of packed pieces. What fails is told after all that could be unpacked before it. */
interface Decoder {
  /** What this piece unpacks to. */
  take(piece: Buffer): Promise<Buffer[]>;
  end(): Promise<Buffer[]>;
  readonly failure: unknown;
  close(): void;
}

/** Throws FileRefused where it is damaged or cut off, after all that could be unpacked. */
export async function* unpacked(
  path: string,
  packing: Packed,
  packed: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, void> {
  const decoder = packing === 'gzip' ? new GzipDecoder() : new ZstdDecoder();
  const ratio = new Ratio(path);
  try {
    for await (const piece of packed) {
      yield* ratio.checked(piece.length, await decoder.take(piece));
      if (decoder.failure !== undefined) throw damage(path, packing, decoder.failure);
    }
    yield* ratio.checked(0, await decoder.end());
    if (decoder.failure !== undefined) throw damage(path, packing, decoder.failure);
  } finally {
    decoder.close();
  }
}

/** Memory is bounded anyway; this is about time and rows. */
class Ratio {
  readonly #path: string;
  #packed = 0;
  #text = 0;

  constructor(path: string) {
    this.#path = path;
  }

  *checked(packed: number, made: readonly Buffer[]): Generator<Buffer, void, void> {
    this.#packed += packed;
    for (const text of made) {
      this.#text += text.length;
      if (this.#text > fileLimits.bombBytes && this.#text > this.#packed * fileLimits.bombRatio)
        throw new FileRefused(
          'bomb',
          `${this.#path} unpacks to over ${fileLimits.bombRatio} times its size, expected a log; it is read up to there, remove it`,
        );
      yield text;
    }
  }
}

class GzipDecoder implements Decoder {
  readonly #gunzip: Gunzip;
  #made: Buffer[] = [];
  #failed: () => void = () => {};
  failure: unknown;

  constructor() {
    this.#gunzip = createGunzip({ chunkSize: 64 * 1_024 });
    this.#gunzip.on('data', (text: Buffer) => this.#made.push(text));
    this.#gunzip.on('error', (error) => {
      this.failure = error;
      this.#failed();
    });
  }

  async take(piece: Buffer): Promise<Buffer[]> {
    await new Promise<void>((resolve) => {
      // A write that fails is never called back.
      this.#failed = resolve;
      this.#gunzip.write(piece, () => resolve());
    });
    return this.#taken();
  }

  async end(): Promise<Buffer[]> {
    this.#gunzip.end();
    // Rejects with what `failure` is then.
    await once(this.#gunzip, 'end').catch(() => {});
    return this.#taken();
  }

  close(): void {
    this.#gunzip.destroy();
  }

  #taken(): Buffer[] {
    const made = this.#made;
    this.#made = [];
    return made;
  }
}

/** Four bytes of zstd can stand for 128 KiB, and the library gives all of a piece at once: 1 KiB is 32 MiB at most. */
const zstdPieceBytes = 1_024;

class ZstdDecoder implements Decoder {
  #made: Buffer[] = [];
  #isChecked = false;
  failure: unknown;
  readonly #zstd = new Decompress((text) => {
    if (text.length > 0) this.#made.push(Buffer.from(text.buffer, text.byteOffset, text.byteLength));
  });

  async take(piece: Buffer): Promise<Buffer[]> {
    return this.#push(() => {
      if (!this.#isChecked) checkWindow(piece);
      this.#isChecked = true;
      for (let at = 0; at < piece.length; at += zstdPieceBytes)
        this.#zstd.push(piece.subarray(at, at + zstdPieceBytes), false);
    });
  }

  async end(): Promise<Buffer[]> {
    return this.#push(() => void this.#zstd.push(new Uint8Array(0), true));
  }

  close(): void {}

  #push(feed: () => void): Buffer[] {
    try {
      feed();
    } catch (error) {
      this.failure = error;
    }
    const made = this.#made;
    this.#made = [];
    return made;
  }
}

/** The library takes the memory that a frame asks for, up to 2 GiB. */
function checkWindow(first: Buffer): void {
  const isSingle = ((first[4] ?? 0) & 0x20) !== 0;
  const windowBytes = isSingle ? 0 : 2 ** (10 + ((first[5] ?? 0) >> 3));
  const asksMuch = isSingle && first[4]! >> 6 >= 2 && first.readUInt32LE(5) > fileLimits.zstdWindowBytes;
  if (windowBytes > fileLimits.zstdWindowBytes || asksMuch)
    throw new FileRefused('window', `a window of over ${fileLimits.zstdWindowBytes} bytes`);
}

/** zlib's and fzstd's words for an end that came too early. */
const cut: readonly unknown[] = ['Z_BUF_ERROR', '5'];

function damage(path: string, packing: Packed, failure: unknown): unknown {
  const code = codeOf(failure);
  if (code === 'Z_MEM_ERROR') return failure;
  if (cut.includes(code))
    return new FileRefused('packed_cut', `${path} ends in the middle of its ${packing}; it is read up to there`);
  const what = failure instanceof Error ? failure.message.slice(0, 100) : 'unknown';
  return new FileRefused(
    'packed_damaged',
    `${path} is ${packing} that cannot be unpacked (${what}); it is read up to there`,
  );
}
