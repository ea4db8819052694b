// What goes wrong, as RFC 9457 has it (application/problem+json): `code` is stable, `field` names what is wrong, `detail` says what
// was found, what was expected and what to do.
import { serverLimits } from './limits.js';

export interface ProblemParts {
  readonly status: number;
  /** Stable. */
  readonly code: string;
  readonly detail: string;
  /** Of the body, a header or a parameter; left out where it is none of them. */
  readonly field?: string | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** More members of the body. */
  readonly more?: Readonly<Record<string, unknown>> | undefined;
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request cannot be read',
  401: 'Nobody says who is asking',
  403: 'This is not allowed',
  404: 'There is nothing here',
  405: 'This cannot be done here',
  408: 'The request took too long',
  411: 'The request has no length',
  413: 'The request is too large',
  415: 'This kind of content is not taken',
  417: 'This cannot be expected here',
  422: 'What was given cannot be taken',
  429: 'Too many requests of one caller',
  431: 'The headers are too large',
  500: 'A fault of ours',
  503: 'It cannot be done now',
};

export const problemType = 'application/problem+json';

/** Thrown anywhere below a route; whoever asks is told what it says, so it holds no secret and nothing of anybody else. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly parts: ProblemParts;

  constructor(parts: ProblemParts) {
    super(parts.detail);
    this.parts = parts;
  }

  get status(): number {
    return this.parts.status;
  }

  get headers(): Readonly<Record<string, string>> {
    const { retryAfterSeconds: seconds, headers = {} } = this.parts;
    return seconds === undefined ? headers : { ...headers, 'retry-after': String(seconds) };
  }

  get body() {
    const { status, code, detail, field, more = {} } = this.parts;
    return {
      type: `urn:tributary:problem:${code}`,
      title: titles[status] ?? 'It cannot be done',
      status,
      code,
      ...(field === undefined ? {} : { field }),
      detail,
      ...more,
    };
  }
}

export function badRequest(code: string, detail: string, field?: string): Problem {
  return new Problem({ status: 400, code, detail, field });
}

export function tooLarge(detail: string, code = 'too_large', field?: string): Problem {
  return new Problem({ status: 413, code, detail, field });
}

export function notNow(code: string, detail: string, retryAfterSeconds: number = serverLimits.retrySeconds): Problem {
  return new Problem({ status: 503, code, detail, retryAfterSeconds });
}
