// What a failed activity means for the run: read from the failure's type, never from its message.
import { ActivityFailure, ApplicationFailure } from '@temporalio/workflow';

export type FailureKind = 'fenced' | 'invalid' | 'attention';

export function failureKind(error: unknown): FailureKind {
  const type = causeOf(error)?.type;
  if (type === 'Fenced') return 'fenced';
  return type === 'InvalidInput' ? 'invalid' : 'attention';
}

/** The failure the workflow ends with: the activity's own type and details, so that clients can tell what to do. */
export function failureOf(error: unknown): ApplicationFailure {
  const cause = causeOf(error);
  if (cause === undefined) return ApplicationFailure.nonRetryable(messageOf(error), 'NeedsAttention');
  const type = (cause.nonRetryable === true ? cause.type : undefined) ?? 'NeedsAttention';
  return ApplicationFailure.nonRetryable(cause.message, type, ...(cause.details ?? []));
}

function causeOf(error: unknown): ApplicationFailure | undefined {
  if (error instanceof ApplicationFailure) return error;
  return error instanceof ActivityFailure ? causeOf(error.cause) : undefined;
}

function messageOf(error: unknown): string {
  if (error instanceof ActivityFailure && error.cause !== undefined) return error.cause.message;
  return error instanceof Error ? error.message : String(error);
}
