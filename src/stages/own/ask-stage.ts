// One event shown to one stage. Whatever comes of it is an answer: a stage that throws, hangs or answers nonsense
// defers this event and no other.
import type { Answer, EventStage, StagedEvent } from '../../domain/event-stage.js';
import { patched } from '../../domain/event-context.js';
import type { HashedEvent, JsonObject } from '../../domain/event.js';
import type { Batch } from '../../domain/stage.js';
import { storableText, thrownText } from '../../domain/thrown.js';
import { limits } from '../../limits.js';
import type { StageOutput } from '../../store/stage-outputs.js';

/** As JSON holds it: it may be asked in another process. */
export interface Question {
  readonly ordinal: number;
  readonly event: StagedEvent;
  readonly context: JsonObject;
}

/** Throws only when `cancelled`: then there is no answer, and another attempt asks again. */
export type Ask = (question: Question, cancelled: AbortSignal) => Promise<StageOutput>;

export function questionOf({ page, contexts, returned }: Batch, event: HashedEvent): Question {
  const { id, type, subject, time, priority, flags, dataText, ordinal } = event;
  const attempt = (returned.get(ordinal)?.attempts ?? 0) + 1;
  const data = JSON.parse(dataText) as JsonObject;
  return {
    ordinal,
    event: { source: page.source, id, type, subject, time, priority, flags, data, attempt },
    context: contexts.get(ordinal) ?? {},
  };
}

export async function askStage(stage: EventStage, question: Question, cancelled: AbortSignal): Promise<StageOutput> {
  try {
    const answer = await answerInTime(stage, question.event, structuredClone(question.context), cancelled);
    return outputOf(answer, question);
  } catch (error) {
    if (cancelled.aborted) throw cancelled.reason;
    return putOff(question, thrownText(error));
  }
}

/** The answer to a question that got none. */
export function putOff(question: Question, error: string): StageOutput {
  return deferred({ kind: 'defer', error }, question);
}

async function answerInTime(
  stage: EventStage,
  event: StagedEvent,
  context: JsonObject,
  cancelled: AbortSignal,
): Promise<Answer> {
  cancelled.throwIfAborted();
  const stopping = new AbortController();
  const stop = (): void => stopping.abort(cancelled.reason);
  const late = (): void => stopping.abort(new Error(`no answer from ${stage.name} within ${limits.eventAnswerMs} ms`));
  const timer = setTimeout(late, limits.eventAnswerMs);
  cancelled.addEventListener('abort', stop, { once: true });
  try {
    // A stage that does not heed the signal goes on by itself; its answer is not waited for.
    const stopped = new Promise<never>((_, reject) =>
      stopping.signal.addEventListener('abort', () => reject(stopping.signal.reason)),
    );
    return await Promise.race([stage.process(event, context, stopping.signal), stopped]);
  } finally {
    clearTimeout(timer);
    cancelled.removeEventListener('abort', stop);
  }
}

/** Throws for what is no answer. */
function outputOf(answer: Answer, question: Question): StageOutput {
  const { ordinal, context } = question;
  const given = answer as Partial<Answer> | null | undefined;
  const kind = given?.kind;
  if (kind === 'remove') return { ordinal, answer: 'remove', context: null, nextAt: null, error: null };
  if (kind === 'advance')
    return {
      ordinal,
      answer: 'advance',
      context: kept(context, (given as Extract<Answer, { kind: 'advance' }>).context),
      nextAt: null,
      error: null,
    };
  if (kind === 'defer') return deferred(given as Extract<Answer, { kind: 'defer' }>, question);
  throw new TypeError(
    `the answer is of no kind, expected one of {"kind":"advance"}, {"kind":"remove"}, {"kind":"defer"}`,
  );
}

function deferred(answer: Extract<Answer, { kind: 'defer' }>, { ordinal, context, event }: Question): StageOutput {
  const { nextAt: given, afterMs, error } = answer;
  const nextAt = given ?? new Date(Date.now() + Math.max(0, afterMs ?? pauseMs(event.attempt)));
  if (!(nextAt instanceof Date) || Number.isNaN(nextAt.getTime()))
    throw new RangeError('the answer names no time that a calendar holds');
  // A moment long ago is due at once; Postgres has none before 4713 BC.
  const due = new Date(Math.max(nextAt.getTime(), Date.now()));
  const told =
    error === undefined
      ? null
      : typeof error === 'string'
        ? storableText(error, limits.errorCharsMax)
        : thrownText(error);
  return { ordinal, answer: 'defer', context: kept(context, answer.context), nextAt: due, error: told };
}

function pauseMs(attempt: number): number {
  return Math.min(limits.deferredPauseMsMax, limits.deferredPauseMs * 4 ** (attempt - 1));
}

function kept(context: JsonObject, patch: JsonObject | undefined): JsonObject | null {
  const after = patch === undefined ? context : patched(context, patch);
  return Object.keys(after).length === 0 ? null : after;
}
