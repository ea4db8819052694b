// How an API fails, each as GitHub, Slack or what stands before them does it.
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Answers a call in its way. The number: for how many milliseconds it told the caller to stay away. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => number | undefined;

type HeadersAt = (now: number) => Record<string, string>;

/** The ways of saying `in two seconds`, and of saying nothing. */
export const retryForms: Readonly<Record<string, { readonly headers: HeadersAt; readonly said: boolean }>> = {
  seconds: { headers: () => ({ 'retry-after': '2' }), said: true },
  'seconds with a fraction': { headers: () => ({ 'retry-after': '2.0' }), said: true },
  // Whole seconds: the next one that is at least two away.
  'a date': { headers: (now) => ({ 'retry-after': new Date(now + 3_000).toUTCString() }), said: true },
  'a reset in seconds since 1970': {
    headers: (now) => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(now / 1_000) + 2) }),
    said: true,
  },
  'a reset in milliseconds since 1970': {
    headers: (now) => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now + 2_000) }),
    said: true,
  },
  'a reset in seconds from now': {
    headers: () => ({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '2' }),
    said: true,
  },
  'the draft with names': { headers: () => ({ ratelimit: 'limit=100, remaining=0, reset=2' }), said: true },
  'the draft with letters': { headers: () => ({ ratelimit: '"day";r=90;t=900, "second";r=0;t=2' }), said: true },
  'the draft in three headers': {
    headers: () => ({ 'ratelimit-limit': '100', 'ratelimit-remaining': '0', 'ratelimit-reset': '2' }),
    said: true,
  },
  nothing: { headers: () => ({}), said: false },
  garbage: { headers: () => ({ 'retry-after': 'garbage 5' }), said: false },
  'a negative number': { headers: () => ({ 'retry-after': '-2' }), said: false },
};

/** A 403 is a limit only where its headers say so. */
export function limited(status: 403 | 429, form: keyof typeof retryForms = 'seconds'): Fault {
  return (_request, response) => {
    const { headers, said } = retryForms[form]!;
    response.writeHead(status, headers(Date.now())).end('{"error":"rate_limited"}');
    return said ? 2_000 : undefined;
  };
}

export function answers(
  status: number,
  body = '{"error":"as_the_test_says"}',
  headers: Record<string, string> = {},
): Fault {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
    return undefined;
  };
}

export const forbidden = answers(403, '{"error":"resource_not_accessible"}');
export const gone = answers(410, '{"error":"gone"}');
export const outage = answers(502, '<html>Bad gateway</html>', { 'content-type': 'text/html' });
export const loginPage = answers(200, '<html>Who are you?</html>', { 'content-type': 'text/html' });
/** Whole as HTTP, but not as JSON. */
export const halfWritten = answers(200, '[{"id":1,"titl');

/** Fewer bytes than its length says, then the connection ends. */
export const truncated: Fault = (_request, response) => {
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    .write('[{"id":1', () => response.destroy());
  return undefined;
};

export const reset: Fault = (request) => {
  request.socket.resetAndDestroy();
  return undefined;
};

/** Until the client has had enough. */
export const hangs: Fault = () => undefined;
