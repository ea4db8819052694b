// One event shown to one stage. Whatever comes of it is an answer: a stage that throws, hangs or answers nonsense puts
// this event off and no other.
import type { Answer, EventStage, StagedEvent } from '../domain/event-stage.js';
import { patched } from '../domain/event-context.js';
import type { HashedEvent, JsonObject } from '../domain/event.js';
import type { Batch } from '../domain/stage.js';
import { limits } from '../limits.js';
import type { StageOutput } from '../store/stage-outputs.js';

/** Throws only when `cancelled`: then there is no answer, and another attempt asks again. */
export async function askStage(stage: EventStage, batch: Batch, event: HashedEvent, cancelled: AbortSignal): Promise<StageOutput> {
  const context = batch.contexts.get(event.ordinal) ?? {};
  const attempt = (batch.returned.get(event.ordinal)?.attempts ?? 0) + 1;
  try {
    const answer = await answerInTime(stage, stagedEvent(batch, event, attempt), structuredClone(context), cancelled);
    return outputOf(answer, event.ordinal, context, attempt);
  } catch (error) {
    if (cancelled.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return deferred({ kind: 'defer', error: message }, event.ordinal, context, attempt);
  }
}

async function answerInTime(stage: EventStage, event: StagedEvent, context: JsonObject, cancelled: AbortSignal): Promise<Answer> {
  cancelled.throwIfAborted();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(cancelled.reason);
  const late = (): void => stopping.abort(new Error(`no answer from ${stage.name} within ${limits.eventAnswerMs} ms`));
  const timer = setTimeout(late, limits.eventAnswerMs);
  cancelled.addEventListener('abort', stop, { once: true });
  try {
    // A stage that does not heed the signal goes on by itself; its answer is not waited for.
    const stopped = new Promise<never>((_, reject) => stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason)));
    return await Promise.race([stage.process(event, context, stopping.signal), stopped]);
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', stop);
  }
}

function stagedEvent({ page }: Batch, event: HashedEvent, attempt: number): StagedEvent {
  const { id, type, subject, time, priority, flags, dataText } = event;
  return { source: page.source, id, type, subject, time, priority, flags, data: JSON.parse(dataText) as JsonObject, attempt };
}

/** Throws for what is no answer. */
function outputOf(answer: Answer, ordinal: number, context: JsonObject, attempt: number): StageOutput {
  const given = answer as Partial<Answer> | null | undefined;
  if (given?.kind === 'remove') return { ordinal, answer: 'remove', context: null, nextAt: null, error: null };
  if (given?.kind === 'advance') return { ordinal, answer: 'advance', context: kept(context, given.context), nextAt: null, error: null };
  if (given?.kind === 'defer') return deferred(given as Extract<Answer, { kind: 'defer' }>, ordinal, context, attempt);
  throw new TypeError(`the answer is of no kind, expected one of {"kind":"advance"}, {"kind":"remove"}, {"kind":"defer"}`);
}

function deferred(answer: Extract<Answer, { kind: 'defer' }>, ordinal: number, context: JsonObject, attempt: number): StageOutput {
  const nextAt = answer.nextAt ?? new Date(Date.now() + Math.max(0, answer.afterMs ?? pauseMs(attempt)));
  if (!(nextAt instanceof Date) || Number.isNaN(nextAt.getTime())) throw new RangeError('the answer names no time that a calendar holds');
  // A moment long ago is due at once; Postgres has none before 4713 BC.
  const due = new Date(Math.max(nextAt.getTime(), Date.now()));
  return { ordinal, answer: 'defer', context: kept(context, answer.context), nextAt: due, error: answer.error === undefined ? null : plain(answer.error) };
}

function pauseMs(attempt: number): number {
  return Math.min(limits.deferredPauseMsMax, limits.deferredPauseMs * 4 ** (attempt - 1));
}

function kept(context: JsonObject, patch: JsonObject | undefined): JsonObject | null {
  const after = patch === undefined ? context : patched(context, patch);
  return Object.keys(after).length === 0 ? null : after;
}

/** Bounded, and text that Postgres holds. */
function plain(error: string): string {
  return String(error).slice(0, limits.errorCharsMax).toWellFormed().replaceAll('\0', '\uFFFD');
}
