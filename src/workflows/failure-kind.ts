// What a failed activity means for the run: read from the failure's type, never from its message.
import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure } from '@temporalio/workflow';
import { whatToDo } from './sync-details.js';

export type FailureKind = 'fenced' | 'invalid' | 'attention';

export function failureKind(error: unknown): FailureKind {
  const type = causeOf(error)?.type;
  if (type === 'Fenced') return 'fenced';
  return type === 'InvalidInput' ? 'invalid' : 'attention';
}

/**
 * The failure the workflow ends with: the activity's own type and details, so that clients can tell what to do. It is what
 * the Temporal UI shows first of a failed run: the message, then the details with `next`, which says how to go on.
 */
export function failureOf(error: unknown): ApplicationFailure {
  const cause = causeOf(error);
  const type = (cause?.nonRetryable === true ? cause.type : undefined) ?? 'NeedsAttention';
  const next = type === 'InvalidInput' ? whatToDo.failed : whatToDo.needs_attention;
  const [details] = cause?.details ?? [];
  const failure = ApplicationFailure.nonRetryable(messageOf(error), type, { next, ...(details as object | undefined) });
  // It would stand between the two, and always be the same.
  failure.stack = '';
  return failure;
}

/** What the activity, or the child, itself failed with. */
export function causeOf(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  return error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? causeOf(error.cause) : undefined;
}

function messageOf(error: unknown): string {
  const cause = causeOf(error);
  if (cause?.nonRetryable === true) return cause.message;
  if (error instanceof ActivityFailure)
    return `${error.activityType} was tried until its tries were used up; the last one said: ${error.cause?.message}`;
  return error instanceof Error ? error.message : String(error);
}
