// An event stage as a stage of the pipeline: each event of the page is shown to it once, a few at a time, and what it
// answers is recorded before the page goes on. A later attempt reads the answers back and asks only for what is missing.
import { setMaxListeners } from 'node:events';
import type { EventStage } from '../../domain/event-stage.js';
import type { HashedEvent } from '../../domain/event.js';
import { settle, type Batch, type SettledAnswer, type Stage } from '../../domain/stage.js';
import type { Pool } from '../../store/pool.js';
import { listStageOutputs, type StageOutput } from '../../store/stage-outputs.js';
import { createAnswerJournal } from './answer-journal.js';
import { askStage, questionOf, type Ask } from './ask-stage.js';
import { createSlots, type Slots } from './slots.js';

type Named = Pick<EventStage, 'name' | 'concurrency'>;

export function createEventStage(pool: Pool, stage: EventStage): Stage {
  return createAskedStage(pool, stage, () => (question, cancelled) => askStage(stage, question, cancelled));
}

/** `asking` gives what a page's questions are put to. */
export function createAskedStage(pool: Pool, stage: Named, asking: () => Ask): Stage {
  const slots = createSlots(stage.concurrency);
  return {
    name: stage.name,
    kind: 'recorded',
    async run(batch, { cancelled = new AbortController().signal }) {
      if (batch.events.length === 0) return batch;
      const recorded = byOrdinal(await listStageOutputs(pool, batch.page, stage.name));
      const missing = batch.events.filter(({ ordinal }) => !recorded.has(ordinal));
      const answers =
        missing.length === 0
          ? recorded
          : await answerAll({ pool, stage, slots, cancelled, ask: asking() }, batch, missing, recorded);
      const settled = settle(
        batch,
        stage.name,
        batch.events.map(({ ordinal }) => settledAnswer(answers.get(ordinal)!)),
      );
      return { ...settled, recorded: true };
    },
  };
}

interface Asking {
  readonly pool: Pool;
  readonly stage: Named;
  readonly ask: Ask;
  readonly slots: Slots;
  readonly cancelled: AbortSignal;
}

type Answers = ReadonlyMap<number, StageOutput>;

async function answerAll(
  asking: Asking,
  batch: Batch,
  events: readonly HashedEvent[],
  recorded: Answers,
): Promise<Answers> {
  const { pool, stage, slots, cancelled, ask } = asking;
  const journal = createAnswerJournal(pool, batch.page, stage.name);
  const answers = new Map(recorded);
  // Every event being asked about listens, and the stage says how many those are.
  setMaxListeners(0, cancelled);
  try {
    await inLanes(events, stage.concurrency, async (event) => {
      const output = await slots.run(() => ask(questionOf(batch, event), cancelled));
      answers.set(event.ordinal, output);
      await journal.add(output);
    });
    return (await journal.end()) ? answers : byOrdinal(await listStageOutputs(pool, batch.page, stage.name));
  } catch (error) {
    // What was answered before the failure is kept as far as it can be written; the failure is the one to tell.
    await journal.end().catch(() => false);
    throw error;
  } finally {
    journal.close();
  }
}

/** All, at most `lanes` at once. After a failure no other is begun, and those at work are awaited. */
async function inLanes<T>(items: readonly T[], lanes: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  let failed = false;
  const lane = async (): Promise<void> => {
    for (const item of queue) {
      if (failed) return;
      await work(item).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: Math.min(lanes, items.length) }, lane));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
}

function byOrdinal(outputs: readonly StageOutput[]): Map<number, StageOutput> {
  return new Map(outputs.map((output) => [output.ordinal, output]));
}

function settledAnswer({ answer, context, nextAt, error }: StageOutput): SettledAnswer {
  if (answer === 'remove') return { kind: 'remove' };
  const noted = context === null ? {} : { context };
  if (answer === 'advance') return { kind: 'advance', ...noted };
  return { kind: 'defer', nextAt: nextAt!, ...noted, ...(error === null ? {} : { error }) };
}
