// One line of several facts. Where it does not fit, whole facts are left out, the least telling first: half a figure is a
// wrong figure.
import { cutTo, widthOf } from './text-width.js';

export interface Part {
  readonly text: string;
  /** 1 is the last to go. */
  readonly rank: number;
  /** Cells it can be cut to; without, it is shown whole or not at all. */
  readonly least?: number;
  readonly paint?: (text: string) => string;
}

const between = ' · ';

export function fittedLine(parts: readonly Part[], cells: number): string {
  const kept = new Map<Part, string>();
  let room = cells + between.length;
  for (const part of parts.toSorted((one, other) => one.rank - other.rank)) {
    const width = widthOf(part.text);
    const given = Math.min(width, room - between.length);
    if (given < (part.least === undefined ? width : Math.min(width, part.least))) continue;
    kept.set(part, cutTo(part.text, given));
    room -= given + between.length;
  }
  return parts
    .flatMap((part) => {
      const text = kept.get(part);
      return text === undefined ? [] : [part.paint === undefined ? text : part.paint(text)];
    })
    .join(between);
}
