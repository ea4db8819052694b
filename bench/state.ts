// npm run bench -- state --rows N: how fast a source reads its state from end to end, and what it holds meanwhile. The wanted
// figure is 100,000 rows a second, whatever their number, with a heap that does not grow.
import { stateInFlight } from '../src/activities/state-in-flight.js';
import { stateRows } from '../src/domain/state-rows.js';
import { startRig } from './rig.js';

const source = 'bench/state';
/** Rows between two looks at the heap. */
const sampleRows = 10_000;

export async function stateBench(rows: number): Promise<object> {
  const rig = await startRig();
  try {
    await rig.pool.query(
      `insert into sources (id, type, options, origin, identity_version, canonicaliser_version) values ($1, 'bench', '{}', '', 1, 1)`,
      [source],
    );
    await rig.pool.query(
      `insert into source_state (source, kind, key, value)
       select $1, 'file', 'folder-' || lpad((n % 997)::text, 3, '0') || '/file-' || n, jsonb_build_object('size', n, 'mtime', 1700000000000 + n, 'inode', n * 7)
         from generate_series(1, $2::integer) n`,
      [source, rows],
    );
    await rig.pool.query('vacuum analyze source_state');
    const state = stateInFlight(rig.pool, source);
    const start = performance.now();
    let [read, first, peak] = [0, 0, 0];
    for await (const _ of stateRows(state, 'file')) {
      if (++read % sampleRows !== 0) continue;
      const { heapUsed } = process.memoryUsage();
      peak = Math.max(peak, heapUsed);
      if (read <= rows / 10) first = peak;
    }
    const seconds = (performance.now() - start) / 1_000;
    const mib = (bytes: number): number => Math.round(bytes / 1_048_576);
    return {
      rows: read,
      rows_per_second: Math.round(read / seconds),
      heap_peak_of_first_tenth_mib: mib(first),
      heap_peak_mib: mib(peak),
    };
  } finally {
    await rig.close();
  }
}
