// Any error as one line and an exit code.
import { exitCodeOf } from '../domain/exit-codes.js';
import { isEngineError, type AnyEngineError } from '../domain/errors.js';
import { issuesText } from '../domain/issue-words.js';
import { callFailure } from '../local/temporal-failure.js';
import { statementFailure } from '../store/database-failure.js';

export { exitCodes } from '../domain/exit-codes.js';

export interface FailureReport {
  readonly line: string;
  readonly exitCode: number;
}

export function failureReport(thrown: unknown): FailureReport {
  const error = told(thrown) ?? thrown;
  return { line: `error: ${oneLine(messageOf(error))}`, exitCode: exitCodeOf(error) };
}

/** An error that its one line says all about. */
export function isExpected(thrown: unknown): boolean {
  return told(thrown) !== undefined;
}

/** A server of ours does not answer: whatever is asked of it next fails, too. */
export function isAway(thrown: unknown): boolean {
  return told(thrown)?.next === 'retry';
}

function told(thrown: unknown): AnyEngineError | undefined {
  return isEngineError(thrown) ? thrown : (statementFailure(thrown) ?? callFailure(thrown));
}

export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return issuesText(error) ?? (error.message || error.name);
}
