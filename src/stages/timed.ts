// A stage at work on a page, measured.
import type { Batch, Stage, StageContext } from '../domain/stage.js';

/** Runs the stage, and notes what went in, what came out and how long it took. */
export async function timed(stage: Stage, batch: Batch, context: StageContext): Promise<Batch> {
  const start = performance.now();
  const { counted, ...after } = await stage.run(batch, context);
  const ms = Math.round(performance.now() - start);
  const measure = { in: waitingIn(batch), out: after.drafts.length + after.events.length, ms, ...counted };
  return {
    ...after,
    processed: [...batch.processed, stage.name],
    processingMs: batch.processingMs + ms,
    measures: { ...batch.measures, [stage.name]: measure },
  };
}

/** The first stage of a page has records before it; they stay in the batch for a while. */
function waitingIn({ processed, records, drafts, events }: Batch): number {
  return (processed.length === 0 ? records.length : 0) + drafts.length + events.length;
}
