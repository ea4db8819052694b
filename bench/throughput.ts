// throughput: synthetic events through the whole path (Temporal, all stages, persist), as a ratio to plain COPY of the
// same rows measured before and after in the same database.
import { copyRate } from './copy-limit.js';
import { digestOf } from '../src/domain/position.js';
import { synthetic } from '../src/sources/synthetic.js';
import { resetPosition } from '../src/store/reset-position.js';
import { startRig, type Rig } from './rig.js';

export interface ThroughputFigures {
  readonly events: number;
  readonly eventsPerSecond: number;
  /** The same events again, with the position back at the start: all are known. */
  readonly knownPerSecond: number;
  readonly copyPerSecond: number;
  readonly copyBefore: number;
  readonly copyAfter: number;
  readonly ratioToCopy: number;
  readonly knownRatioToCopy: number;
  readonly workerPeakMib: number | null;
  readonly historyEvents: number;
  readonly historyBytes: number;
}

export async function throughput(events: number): Promise<ThroughputFigures> {
  const rig = await startRig();
  try {
    return await measure(rig, events);
  } finally {
    await rig.close();
  }
}

async function measure(rig: Rig, events: number): Promise<ThroughputFigures> {
  const options = { events, seed: 42, duplicates: 0, bytes: 128, hostile: false, pageEvents: 1_000 };
  const source = { type: 'synthetic', id: 'bench/throughput', options };
  // A first small sync: what is measured is the path at work, not its first compilation.
  const warmUp = {
    type: 'synthetic',
    id: 'bench/warm-up',
    options: { ...options, events: Math.min(events, 40_000), seed: 7 },
  };
  await rig.sync({ source: warmUp });
  const copyBefore = await copyRate(rig.pool, 'bench/copy-before', options);
  const fresh = await rig.sync({ source });
  await resetPosition(rig.pool, source.id, digestOf(synthetic.initialCursor));
  const known = await rig.sync({ source });
  const copyAfter = await copyRate(rig.pool, 'bench/copy-after', options);
  // The last pages' keys are still in memory: those count as duplicates.
  const skipped = known.result.skipped_existing + known.result.skipped_duplicate;
  if (fresh.result.inserted !== events || known.result.inserted !== 0 || skipped !== events) {
    throw new Error(`expected ${events} inserted, then known; found ${JSON.stringify([fresh.result, known.result])}`);
  }
  const copyPerSecond = (copyBefore + copyAfter) / 2;
  const [eventsPerSecond, knownPerSecond] = [fresh, known].map(({ ms }) => events / (ms / 1_000)) as [number, number];
  return {
    events,
    eventsPerSecond: Math.round(eventsPerSecond),
    knownPerSecond: Math.round(knownPerSecond),
    copyPerSecond: Math.round(copyPerSecond),
    copyBefore: Math.round(copyBefore),
    copyAfter: Math.round(copyAfter),
    ratioToCopy: round(eventsPerSecond / copyPerSecond),
    knownRatioToCopy: round(knownPerSecond / copyPerSecond),
    workerPeakMib: rig.workerPeakMib(),
    historyEvents: Math.max(fresh.historyEvents, known.historyEvents),
    historyBytes: Math.max(fresh.historyBytes, known.historyBytes),
  };
}

function round(ratio: number): number {
  return Math.round(ratio * 100) / 100;
}
