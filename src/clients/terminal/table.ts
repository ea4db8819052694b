// A plain table: columns padded to their widest cell, numbers to the right, the last column cut where the line would wrap.
import { printable } from './terminal.js';
import { cutTo, padEnd, widthOf } from './text-width.js';

type Cell = string | number;

export function table(header: readonly string[], rows: readonly (readonly Cell[])[], columns: number | null): string[] {
  const texts = [header, ...rows].map((row) =>
    row.map((cell) => printable(typeof cell === 'number' ? cell.toLocaleString('en-US') : cell)),
  );
  const numeric = header.map((_, at) => rows.length > 0 && rows.every((row) => typeof row[at] === 'number'));
  const widths = header.map((_, at) => Math.max(...texts.map((row) => widthOf(row[at] ?? ''))));
  return texts.map((row) => {
    const line = row
      .map((cell, at) => (numeric[at] === true ? cell.padStart(widths[at]!) : padEnd(cell, widths[at]!)))
      .join('  ')
      .trimEnd();
    return columns === null ? line : cutTo(line, columns);
  });
}
