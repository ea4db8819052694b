// What a file is made of: lines, or whatever its source makes of them.
import { LineSplitter, type Line } from './line-splitter.js';

/** Text in pieces, whatever the blocks it comes in. A file is read again from the end of any of them. */
export interface Pieces {
  /** Bytes behind the last one that was given. */
  readonly waiting: number;
  push(block: Buffer): Line[];
  /** What is left where the text ends. `finished`: nothing more is expected; else what is whole all the same. */
  end(finished: boolean): readonly Line[];
  /** Bytes that a piece takes in a chunk, beside its own. */
  readonly besideBytes?: number;
}

export function linePieces(bytesMax: number, offset: number, isRest: boolean): Pieces {
  const splitter = new LineSplitter(bytesMax, offset, isRest);
  return {
    get waiting() {
      return splitter.waiting;
    },
    push: (block) => splitter.push(block),
    end(finished) {
      const last = finished ? splitter.end() : undefined;
      return last === undefined ? [] : [last];
    },
  };
}
