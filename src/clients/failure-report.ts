// Any error as one line and an exit code: 1 failed, 2 wrong use, 3 needs attention.
import { isEngineError } from '../domain/errors.js';

export const exitCodes = { fine: 0, failed: 1, wrongUse: 2, attention: 3 } as const;

export interface FailureReport {
  readonly line: string;
  readonly exitCode: number;
}

export function failureReport(error: unknown): FailureReport {
  return { line: `error: ${oneLine(messageOf(error))}`, exitCode: exitCodeOf(error) };
}

export function oneLine(text: string): string {
  return text.trim().replaceAll(/\s*\n\s*/g, ' ');
}

function exitCodeOf(error: unknown): number {
  if (!isEngineError(error)) return exitCodes.failed;
  if (error.next === 'refuse') return exitCodes.wrongUse;
  return error.next === 'attention' ? exitCodes.attention : exitCodes.failed;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? error.code : undefined;
  if (code === '42P01')
    return 'the database has no tables of Tributary yet: a worker makes them when it starts; start one with `tributary worker`';
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  const cause = error.cause instanceof Error && error.name === 'ServiceError' ? `: ${error.cause.message}` : '';
  return `${error.message || error.name}${cause}`;
}
