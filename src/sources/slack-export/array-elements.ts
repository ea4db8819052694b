// The elements of a JSON array, one by one as they stand, while its bytes come: a day of messages or a list of members is
// never held as a whole. Elements are not parsed here; one that is no JSON is found where it is mapped, and its neighbours
// go on.

/** The array itself is broken: what came before is good, what comes after cannot be told apart. */
export class BrokenPart extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'BrokenPart';
    this.code = code;
  }
}

export interface Element {
  /** The element; of one that is too long only its head. */
  readonly bytes: Buffer;
  /** All of its bytes. */
  readonly size: number;
  /** From here the elements behind it can be read. */
  readonly end: number;
}

export interface Bounds {
  /** An `end` that was given before; 0 is the beginning. */
  readonly from: number;
  readonly elementBytesMax: number;
  readonly headBytes: number;
}

const [quote, comma, backslash, open, close, openObject, closeObject] = ['"', ',', '\\', '[', ']', '{', '}'].map(
  (sign) => sign.charCodeAt(0),
);

/** Throws BrokenPart. */
export async function* arrayElements(
  chunks: AsyncIterable<Buffer>,
  bounds: Bounds,
): AsyncGenerator<Element, void, void> {
  const scan = new Scan(bounds);
  for await (const chunk of chunks) yield* scan.take(chunk);
  scan.end();
}

type Where = 'before' | 'within' | 'behind';

class Scan {
  readonly #bounds: Bounds;
  #where: Where;
  /** Bytes of the file before this chunk. */
  #passed = 0;
  #depth = 0;
  #inText = false;
  #isEscaped = false;
  /** Of the element under way: what earlier chunks brought of it (of a long one its head), and its size so far. */
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#where = bounds.from === 0 ? 'before' : 'within';
  }

  *take(chunk: Buffer): Generator<Element, void, void> {
    // What comes before the place to go on at is passed over.
    let at = Math.min(chunk.length, Math.max(0, this.#bounds.from - this.#passed));
    while (at < chunk.length) {
      if (this.#where !== 'within') {
        this.#outside(chunk[at]!, this.#passed + at);
        at += 1;
        continue;
      }
      const stop = this.#endOf(chunk, at);
      this.#keep(chunk.subarray(at, stop));
      if (chunk[stop] === closeObject)
        throw new BrokenPart('file_no_list', `closes an object at byte ${this.#passed + stop} that was never opened`);
      if (stop < chunk.length) yield* this.#element(chunk[stop] === close, this.#passed + stop);
      at = stop + 1;
    }
    this.#passed += chunk.length;
  }

  end(): void {
    if (this.#where === 'behind') return;
    const found = this.#where === 'before' ? 'no list' : 'a list without its end';
    throw new BrokenPart('file_truncated', `holds ${found}, expected a JSON array: it is empty or was cut off`);
  }

  #outside(byte: number, at: number): void {
    if (isBlank(byte)) return;
    if (this.#where === 'before' && byte === open) {
      this.#where = 'within';
      return;
    }
    // A byte order mark, as Windows programs write it.
    if (this.#where === 'before' && at < 3 && byte === [0xef, 0xbb, 0xbf][at]) return;
    throw new BrokenPart('file_no_list', `has other text at byte ${at}, expected a JSON array and nothing else`);
  }

  /** Where the element under way ends in this chunk; its length, where it does not. All bytes pass here. */
  #endOf(chunk: Buffer, from: number): number {
    let [depth, inText, isEscaped, at] = [this.#depth, this.#inText, this.#isEscaped, from];
    for (; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (inText) {
        if (isEscaped) isEscaped = false;
        else if (byte === backslash) isEscaped = true;
        else if (byte === quote) inText = false;
      } else if (byte === quote) inText = true;
      else if (byte === open || byte === openObject) depth += 1;
      else if (byte === comma && depth === 0) break;
      else if (byte === close || byte === closeObject) {
        if (depth === 0) break;
        depth -= 1;
      }
    }
    [this.#depth, this.#inText, this.#isEscaped] = [depth, inText, isEscaped];
    return at;
  }

  #keep(found: Buffer): void {
    const { elementBytesMax, headBytes } = this.#bounds;
    const piece = this.#size === 0 ? withoutBlanks(found) : found;
    const isCut = this.#size > elementBytesMax;
    this.#size += piece.length;
    if (isCut) return;
    this.#pieces.push(piece);
    if (this.#size > elementBytesMax) this.#pieces = [Buffer.concat(this.#pieces, headBytes)];
  }

  *#element(isLast: boolean, at: number): Generator<Element, void, void> {
    const [bytes, size] = [Buffer.concat(this.#pieces), this.#size];
    [this.#pieces, this.#size] = [[], 0];
    if (isLast) this.#where = 'behind';
    // Behind the last element its end is where the list closes: whoever goes on there finds that.
    if (size > 0) yield { bytes, size, end: isLast ? at : at + 1 };
    else if (!isLast) throw new BrokenPart('file_no_list', `has nothing before the comma at byte ${at}; it is damaged`);
  }
}

/** Those before an element: what is left is the element, or there is none. Those behind it are JSON's own. */
function withoutBlanks(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && isBlank(bytes[start]!)) start += 1;
  return bytes.subarray(start);
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}
