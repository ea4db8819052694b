// A plain table: columns padded to their widest cell, numbers to the right. Where the terminal is too narrow for all of it,
// columns shrink to the least that tells something, and then go, the least telling first: a row is never cut off at its end.
import { printable } from './terminal.js';
import { cutTo, padEnd, widthOf, wordLines } from './text-width.js';

export type Cell = string | number;

export interface Column {
  readonly name: string;
  /** The heading where there is no room for the name. */
  readonly short?: string;
  /** Its place when columns have to go: 1 is the last to go, and the first to be given room. */
  readonly rank: number;
  /** Cells it can be cut to; a column without is shown whole or not at all. */
  readonly least?: number;
  /** Widths between which nothing more is told, in order. */
  readonly stops?: readonly number[];
  /** What is shown of a text in so few cells; its beginning where nothing else is said. */
  readonly cut?: (text: string, cells: number) => string;
  /** It is read rather than compared: what has no room goes on below. */
  readonly wrap?: true;
}

const gap = '  ';

/** The heading and the rows; `cells` null: nothing needs to be cut. `header` false: rows alone, as of a list of facts. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  cells: number | null,
  { indent = 0, header = true }: { readonly indent?: number; readonly header?: boolean } = {},
): string[] {
  const shown = columns.map((column, at) =>
    measured(
      column,
      header,
      rows.map((row) => row[at] ?? ''),
    ),
  );
  const widths =
    cells === null ? shown.map(({ natural }) => natural) : fittedWidths(shown, Math.max(1, cells - indent));
  const line = (of: (column: Measured, width: number) => string): string =>
    (
      ' '.repeat(indent) + shown.flatMap((column, at) => (widths[at] === 0 ? [] : [of(column, widths[at]!)])).join(gap)
    ).trimEnd();
  const body = rows.flatMap((_, row) => {
    const texts = new Map(shown.map((column, at) => [column, cellLines(column, row, widths[at]!)]));
    const height = Math.max(...[...texts.values()].map(({ length }) => length));
    return Array.from({ length: height }, (__, at) =>
      line((column, width) => aligned(column, texts.get(column)![at] ?? '', width)),
    );
  });
  return header ? [line(headingText), ...body] : body;
}

interface Measured extends Column {
  readonly texts: readonly string[];
  readonly numeric: boolean;
  /** Of the cells, without the heading. */
  readonly widest: number;
  readonly natural: number;
  readonly least: number;
}

function measured(column: Column, header: boolean, cells: readonly Cell[]): Measured {
  const texts = cells.map((cell) => printable(typeof cell === 'number' ? cell.toLocaleString('en-US') : cell));
  const widest = Math.max(0, ...texts.map(widthOf));
  const heading = (name: string): number => (header ? widthOf(name) : 0);
  const natural = Math.max(1, widest, heading(column.name));
  const least = Math.max(1, Math.min(widest, column.least ?? widest), heading(column.short ?? column.name));
  return {
    ...column,
    texts,
    widest,
    natural,
    least: Math.min(natural, least),
    numeric: cells.length > 0 && cells.every((cell) => typeof cell === 'number'),
  };
}

/** Width of each column, 0 for one that is left out. */
function fittedWidths(columns: readonly Measured[], cells: number): number[] {
  const byRank = columns.toSorted((one, other) => one.rank - other.rank);
  const kept = [...byRank];
  const needed = (): number => kept.reduce((sum, { least }) => sum + least + gap.length, -gap.length);
  while (kept.length > 1 && needed() > cells) kept.pop();
  let room = cells - needed();
  const widths = new Map(kept.map((column) => [column, column.least]));
  for (const column of kept) {
    // Of a single column that is left, room may be less than nothing.
    const width = Math.max(1, widthWithin(column, column.least + room));
    room -= width - column.least;
    widths.set(column, width);
  }
  return columns.map((column) => widths.get(column) ?? 0);
}

/** As much of the cells as tells more: room for half a heading, or for half of a day's time, is left to the others. */
function widthWithin({ natural, least, widest, stops = [] }: Measured, cells: number): number {
  if (cells >= natural) return natural;
  const useful = Math.min(cells, Math.max(least, widest));
  return stops.length === 0 ? useful : Math.max(Math.min(cells, least), ...stops.filter((stop) => stop <= useful));
}

function headingText(column: Measured, width: number): string {
  const { name, short = name } = column;
  return aligned(column, widthOf(name) <= width ? name : cutTo(short, width), width);
}

function cellLines({ texts, cut = cutTo, wrap }: Measured, row: number, width: number): string[] {
  const text = texts[row]!;
  if (width === 0) return [];
  if (widthOf(text) <= width) return [text];
  return wrap === true ? wordLines(text, width) : [cut(text, width)];
}

function aligned({ numeric }: Measured, text: string, width: number): string {
  return numeric ? ' '.repeat(Math.max(0, width - widthOf(text))) + text : padEnd(text, width);
}
