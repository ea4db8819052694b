// Figures to be seen at a glance: a bar that is so full, one that is so long, and a line of small bars for days in a row.

/** How much is done: full cells, then empty ones. */
export function progressBar(share: number, cells: number): { readonly full: string; readonly empty: string } {
  const full = Math.min(cells, Math.max(0, Math.floor(share * cells)));
  return { full: '█'.repeat(full), empty: '░'.repeat(cells - full) };
}

/** As long as `value` is beside the largest; anything at all has a bar. */
export function lengthBar(value: number, largest: number, cells: number): string {
  return value <= 0 ? '' : '█'.repeat(Math.max(1, Math.round((cells * value) / Math.max(1, largest))));
}

const heights = '▁▂▃▄▅▆▇█';

/** A cell for each value, a blank for nothing; neighbours share one where there are more values than cells. */
export function sparkline(values: readonly number[], cells: number): string {
  const each = Math.max(1, Math.ceil(values.length / cells));
  const sums = Array.from({ length: Math.ceil(values.length / each) }, (_, at) =>
    values.slice(at * each, (at + 1) * each).reduce((sum, value) => sum + value, 0),
  );
  const largest = Math.max(1, ...sums);
  const cell = (sum: number): string =>
    sum === 0 ? ' ' : heights[Math.min(heights.length - 1, Math.floor((sum * heights.length) / largest))]!;
  return sums.map(cell).join('');
}
