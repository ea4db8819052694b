// Answers on their way into `stage_outputs`: written many at a time, and none waits long, because an answer that is not
// written when the worker dies is asked for again.
import type { PageKey } from '../../domain/page.js';
import { limits } from '../../limits.js';
import type { Pool } from '../../store/pool.js';
import { insertStageOutputs, type StageOutput } from '../../store/stage-outputs.js';

export interface AnswerJournal {
  /** Waits while a statement's worth of answers is being written, so that what is not recorded stays bounded. */
  add(output: StageOutput): Promise<void>;
  /** Writes the rest. False when another attempt had answered for some events: its answers count. */
  end(): Promise<boolean>;
  /** Ends the timer, whatever was written. */
  close(): void;
}

export function createAnswerJournal(pool: Pool, page: PageKey, stage: string): AnswerJournal {
  let waiting: StageOutput[] = [];
  let writing: Promise<void> = Promise.resolve();
  let allOurs = true;
  const flush = (): Promise<void> => {
    const outputs = waiting;
    waiting = [];
    if (outputs.length === 0) return writing;
    writing = writing.then(async () => {
      if ((await insertStageOutputs(pool, page, stage, outputs)) !== outputs.length) allOurs = false;
    });
    return writing;
  };
  // The error stays in `writing`, and whoever adds next meets it.
  const timer = setInterval(() => void flush().catch(() => {}), limits.answerWaitMs);
  return {
    async add(output) {
      if (waiting.push(output) >= limits.answersPerWrite) await flush();
    },
    async end() {
      await flush();
      return allOurs;
    },
    close: () => clearInterval(timer),
  };
}
