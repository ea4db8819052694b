// Any error of a request as a problem: whose fault it is decides between 4xx and 5xx.
import { isEngineError, type AnyEngineError } from '../domain/errors.js';
import { statementFailure } from '../store/database-failure.js';
import { badRequest, notNow, Problem } from './problem.js';
import { serverLimits } from './limits.js';

/** Of Fastify: a code of its own and a status, sometimes what a schema found wrong. */
interface FrameworkError {
  readonly code?: unknown;
  readonly statusCode?: unknown;
  readonly message?: unknown;
  readonly validation?: readonly { readonly instancePath?: string; readonly message?: string }[];
  readonly validationContext?: string;
}

/** Undefined: a fault of ours, which the log tells and the caller does not hear of. */
export function problemOf(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const engine = isEngineError(error) ? error : statementFailure(error);
  if (engine !== undefined) return engineProblem(engine);
  return frameworkProblem((error ?? {}) as FrameworkError) ?? (isOfDriver(error) ? lost() : undefined);
}

function engineProblem(error: AnyEngineError): Problem {
  switch (error.next) {
    case 'refuse':
      return new Problem({ status: 422, code: error.code, field: error.field, detail: error.message });
    case 'wait':
      return notNow(error.code, error.message, Math.ceil(error.waitMs / 1_000));
    case 'attention':
      return notNow(error.code, error.message, serverLimits.retryAttentionSeconds);
    default:
      return notNow(error.code, error.message);
  }
}

/** A session that was lost in the middle is a plain Error without a code to the driver; faults of ours are of other classes. */
function isOfDriver(error: unknown): boolean {
  return error instanceof Error && error.constructor === Error;
}

function lost(): Problem {
  return notNow('postgres_lost', 'the connection to Postgres was lost; give it again: nothing is stored twice');
}

function frameworkProblem({ code, statusCode, validation, validationContext, message }: FrameworkError) {
  const [first] = validation ?? [];
  if (first !== undefined) {
    const field = (first.instancePath ?? '').replace(/^\//, '').replaceAll('/', '.') || undefined;
    return badRequest('bad_request', `${validationContext ?? 'request'}: ${first.message ?? 'is wrong'}`, field);
  }
  if (typeof statusCode !== 'number' || statusCode < 400 || statusCode > 499) return undefined;
  const named = typeof code === 'string' ? code.replace(/^FST_(ERR_)?/, '').toLowerCase() : 'bad_request';
  return new Problem({ status: statusCode, code: named, detail: String(message) });
}
