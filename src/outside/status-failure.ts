// What a status that is no answer means for what to do next. Nothing that was said is repeated but the status and one
// word in machine's letters: bodies echo what was asked, and the key it was asked with.
import { NeedsAttention, Transient, WaitUntil, type EngineError } from '../domain/errors.js';
import type { Wait } from './rate-limit.js';

export interface Refusal {
  readonly subject: string;
  readonly remedy: string;
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
  /** Set: it is a rate limit. */
  readonly wait: Wait | undefined;
}

/** The code is `http_<status>`; of a rate limit `rate_limited`, or `rate_limited_unsaid` when the wait is our guess. */
export function statusFailure({ subject, remedy, status, text, wait }: Refusal, now: number): EngineError {
  const said = `${subject} answers ${status}${wordIn(text)}`;
  if (wait !== undefined) return waiting(said, wait, now);
  const code = `http_${status}`;
  if (mayPass(status)) return new Transient(code, said);
  return new NeedsAttention(code, `${said}; ${remedy}${meaning[status] ?? ''}`);
}

function waiting(said: string, { until, said: told }: Wait, now: number): WaitUntil {
  if (!told) return new WaitUntil('rate_limited_unsaid', said, new Date(until));
  return new WaitUntil(
    'rate_limited',
    `${said}, to come back in ${Math.ceil((until - now) / 1_000)} s`,
    new Date(until),
  );
}

/** Timeouts, misdirected and early ones, and the server's own troubles but for what it cannot do. */
function mayPass(status: number): boolean {
  return status === 408 || status === 421 || status === 425 || (status >= 500 && status !== 501 && status !== 505);
}

const meaning: Readonly<Record<number, string>> = {
  304: ': it was not asked what changed',
  401: ': it does not know the credential',
  403: ': the credential may not do this',
  404: ': it is not there or the credential may not see it',
  407: ': the proxy wants a credential',
  410: ': it is gone',
  451: ': it is withheld for legal reasons',
};

/** ` insufficient_quota`: the machine-readable word of OpenAI's errors, Slack's and OAuth's. */
function wordIn(text: string): string {
  const [, word] = /"(?:code|type|error)"\s*:\s*"([a-z_]{1,60})"/.exec(text) ?? [];
  return word === undefined ? '' : ` ${word}`;
}
