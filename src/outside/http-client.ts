// The one way to ask the outside: one call is one request, bounded in every direction, to one origin with one
// credential. Nothing is retried here; errors are classes by what to do next, and a rate limit is a WaitUntil with its
// moment.
import { request, type Dispatcher } from 'undici';
import { NeedsAttention } from '../domain/errors.js';
import { contentOf, validatorsOf, type Content, type Unchanged, type Validators } from './answer.js';
import { acceptedCodings, readBody, readRefusal } from './answer-body.js';
import { httpBounds, type CallBounds, type HttpBounds } from './bounds.js';
import type { Budget, Turn } from './budget.js';
import { createConnections, type Connections } from './connections.js';
import type { Resolve } from './guarded-lookup.js';
import { headerOf, type Headers } from './headers.js';
import type { ProxySettings } from './proxy.js';
import { quotaOf, waitOf } from './rate-limit.js';
import { isRedirect, nextHop, type Hop } from './redirect.js';
import { statusFailure } from './status-failure.js';
import { baseOf, describeTarget, targetOf } from './target.js';
import { seconds, tooSlow, transportFailure } from './transport-failure.js';

export interface HttpClientOptions {
  /** Paths are below it; nothing else is asked. */
  readonly base: string;
  /** Read for each call and kept nowhere; undefined: none is sent. */
  readonly credential?: () => Promise<string | undefined>;
  /** The headers it is sent in; a bearer token where nobody says otherwise. */
  readonly credentialHeaders?: (secret: string) => Readonly<Record<string, string>>;
  /** A person named this base, so that it may be this machine or one of a private network, and plain http. */
  readonly allowPrivate?: boolean;
  /** As messages begin: `the embedder`. Without it: method and URL, without the values of its query. */
  readonly name?: string;
  /** What a person can do when it refuses. */
  readonly remedy?: string;
  readonly budget?: Budget;
  readonly proxy?: ProxySettings;
  readonly ca?: string;
  readonly bounds?: Partial<HttpBounds>;
  readonly resolve?: Resolve;
}

export interface HttpCall {
  readonly method?: 'GET' | 'HEAD' | 'POST';
  /** A path below the base, or an absolute URL of its origin: what an answer or a cursor says is checked. */
  readonly url: string | URL;
  /** Not sent to another origin. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Statuses that are an answer to this caller and no failure, such as 404; a rate limit stays one. */
  readonly asValue?: readonly number[];
  /** A redirect may lead to another https origin, which gets no credential. */
  readonly otherOrigins?: boolean;
  readonly bounds?: Partial<CallBounds>;
  readonly signal?: AbortSignal;
  /** Whose turn of the budget it takes: the source's id. */
  readonly caller?: string;
}

export interface HttpClient {
  ask(call: HttpCall): Promise<Content>;
  /** Sends back what an earlier answer gave; with nothing to send back it is `ask`. */
  askIfChanged(call: HttpCall, validators: Validators): Promise<Content | Unchanged>;
  /** What `call` would ask; throws when that is of another origin. */
  target(url: string | URL): URL;
  /** For people and logs; no value of a query, no header. */
  describe(call: HttpCall): string;
  close(): Promise<void>;
}

interface Parts {
  readonly options: HttpClientOptions;
  readonly base: URL;
  readonly connections: Connections;
  /** Rate limits in a row that did not say until when. */
  readonly streak: { unsaid: number };
}

export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { allowPrivate = false, proxy = {}, ca, resolve } = options;
  const base = baseOf(options.base, allowPrivate);
  const connections = createConnections({ allowPrivate, proxy, ca, resolve }, { ...httpBounds, ...options.bounds });
  const parts: Parts = { options, base, connections, streak: { unsaid: 0 } };
  return {
    async ask(call) {
      const answer = await perform(parts, call, {});
      if (answer.unchanged) throw new TypeError('a call without validators is never unchanged');
      return answer;
    },
    askIfChanged: (call, validators) => perform(parts, call, validators),
    target: (url) => targetOf(base, url),
    describe: (call) => describeTarget(call.method ?? 'GET', targetOf(base, call.url)),
    close: () => connections.close(),
  };
}

/** One call under way. */
interface Asking extends Parts {
  readonly call: HttpCall;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly validators: Validators;
  readonly subject: string;
  readonly remedy: string;
  readonly bounds: HttpBounds;
  readonly signal: AbortSignal;
  readonly turn: Turn | undefined;
}

async function perform(parts: Parts, call: HttpCall, validators: Validators): Promise<Content | Unchanged> {
  const { options, base } = parts;
  const target = targetOf(base, call.url);
  const method = call.method ?? 'GET';
  const subject = options.name ?? describeTarget(method, target);
  const bounds = { ...httpBounds, ...options.bounds, ...call.bounds };
  const turn = await options.budget?.enter(call.caller ?? '', call.signal ?? new AbortController().signal);
  const deadline = AbortSignal.timeout(bounds.totalMs);
  const signal = call.signal === undefined ? deadline : AbortSignal.any([call.signal, deadline]);
  const remedy = options.remedy ?? 'check the address and the credential';
  const progress = { answered: false };
  try {
    return await exchange(
      { ...parts, call, method, validators, subject, remedy, bounds, signal, turn },
      target,
      progress,
    );
  } catch (error) {
    call.signal?.throwIfAborted();
    if (deadline.aborted) throw tooSlow(subject, `not within ${seconds(bounds.totalMs)}`);
    throw transportFailure(error, { subject, remedy, bounds, answered: progress.answered });
  } finally {
    turn?.done();
  }
}

async function exchange(asking: Asking, target: URL, progress: { answered: boolean }): Promise<Content | Unchanged> {
  let hop: Hop = { url: target, own: true };
  for (let redirects = 0; ; redirects += 1) {
    progress.answered = false;
    const response = await send(asking, hop);
    progress.answered = true;
    if (!isRedirect(response.statusCode, asking.method) || asking.call.asValue?.includes(response.statusCode) === true)
      return await answerOf(asking, hop, response);
    await response.body.dump({ limit: asking.bounds.refusalBytesMax });
    if (redirects === asking.bounds.redirectsMax)
      throw new NeedsAttention('redirect_refused', `${asking.subject} is redirected more than ${redirects} times`);
    hop = nextHop(hop, headerOf(response.headers, 'location'), asking.call.otherOrigins ?? false, asking.subject);
  }
}

async function send(asking: Asking, { url, own }: Hop): Promise<Dispatcher.ResponseData> {
  const { call, method, bounds, signal, connections } = asking;
  const dispatcher = connections.to(url, own);
  // A copy: undici writes the host into what it is given.
  const headers = own ? await ownHeaders(asking) : { ...plainHeaders };
  const body = own ? (call.body ?? null) : null;
  // Names of the bounds that undici counts itself.
  const times = { headersTimeout: bounds.headersMs, bodyTimeout: bounds.betweenBytesMs };
  return request(url, { dispatcher, method, headers, body, signal, ...times });
}

const plainHeaders = { 'user-agent': 'tributary', 'accept-encoding': acceptedCodings };

async function ownHeaders({ options, call, validators }: Asking): Promise<Record<string, string>> {
  const secret = await options.credential?.();
  const credential = secret === undefined ? {} : (options.credentialHeaders ?? bearer)(secret);
  const { etag, lastModified } = validators;
  return {
    ...plainHeaders,
    accept: 'application/json',
    ...call.headers,
    ...(etag === undefined ? {} : { 'if-none-match': etag }),
    ...(lastModified === undefined ? {} : { 'if-modified-since': lastModified }),
    ...credential,
  };
}

function bearer(secret: string): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${secret}` };
}

async function answerOf(asking: Asking, { url }: Hop, response: Dispatcher.ResponseData): Promise<Content | Unchanged> {
  const { call, validators, subject, bounds, streak, turn } = asking;
  const { statusCode: status, body } = response;
  const headers: Headers = response.headers;
  const now = Date.now();
  const unsaidMs = Math.min(bounds.unsaidWaitMs * 2 ** streak.unsaid, bounds.unsaidWaitMsMax);
  const wait = waitOf(status, headers, now, unsaidMs, bounds);
  turn?.done(quotaOf(headers, now), wait?.until);
  streak.unsaid = wait === undefined ? 0 : streak.unsaid + (wait.said ? 0 : 1);
  const answered = { status, url, headers, validators: validatorsOf(headers) };
  if (status === 304 && (validators.etag ?? validators.lastModified) !== undefined) {
    await body.dump({ limit: bounds.refusalBytesMax });
    return { ...answered, unchanged: true };
  }
  const taken = (status >= 200 && status < 300) || call.asValue?.includes(status) === true;
  if (wait !== undefined || !taken)
    throw statusFailure({ ...asking, status, text: await readRefusal(body), wait }, now);
  return contentOf(answered, await readBody(body, headers, bounds.bodyBytesMax, subject), subject);
}
