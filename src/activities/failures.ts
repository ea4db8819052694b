// The only place where an error of the engine becomes one of Temporal's: its class says whether it is tried again, its
// type and details say what the workflow and the clients do next. Messages are bounded, and never carry event data.
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { isEngineError, type AnyEngineError } from '../domain/errors.js';
import { issuesText } from '../domain/issue-words.js';
import { limits } from '../limits.js';
import { statementFailure } from '../store/database-failure.js';

/** `facts` are for the workflow: a second detail of what the engine itself refuses. */
export function toFailure(error: unknown, facts?: object): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (isEngineError(error)) return engineFailure(error, facts);
  const ofPostgres = statementFailure(error);
  if (ofPostgres !== undefined) return engineFailure(ofPostgres, undefined);
  const message = issuesText(error) ?? (error instanceof Error ? error.message : String(error));
  // SQLSTATE or a system error code (ECONNREFUSED), when there is one.
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
  return ApplicationFailure.create({
    message: bounded(message === '' && code !== null ? code : message),
    type: error instanceof Error ? error.name : 'Error',
    details: [{ code }],
  });
}

/** The name stands for what is done next, whatever the class is called: workflows and clients go by it. */
const typeOf = {
  refuse: 'InvalidInput',
  retry: 'Transient',
  wait: 'WaitUntil',
  attention: 'NeedsAttention',
  stop: 'Fenced',
} as const satisfies Record<AnyEngineError['next'], string>;

function engineFailure(error: AnyEngineError, facts: object | undefined): ApplicationFailure {
  const details = [
    { code: error.code, ...(error.next === 'refuse' ? { field: error.field } : {}) },
    ...(facts === undefined ? [] : [facts]),
  ];
  return ApplicationFailure.create({
    message: bounded(error.message),
    type: typeOf[error.next],
    nonRetryable: error.next === 'refuse' || error.next === 'attention' || error.next === 'stop',
    details,
    ...(error.next === 'wait' ? { nextRetryDelay: error.waitMs } : {}),
  });
}

function bounded(message: string): string {
  return message.slice(0, limits.errorCharsMax);
}
