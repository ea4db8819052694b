// GET /v1/stream: committed events as Server-Sent Events. It knows no framework: whoever has a server registers the handler, and
// says beforehand who may ask.
import type { Writable } from 'node:stream';
import { isEngineError } from '../domain/errors.js';
import { parsePosition, positionText } from '../domain/feed-position.js';
import { feedQuestion, type FeedQuestion } from '../queries/feed-question.js';
import { createFeed, type LiveFeed } from './feed.js';
import { resetFrame, retryFrame } from './frames.js';
import { liveLimits } from './limits.js';
import type { FeedParts } from './shared.js';
import { clientTimes, serveClient, type ClientTimes } from './stream-client.js';
import { askedWords } from './stream-words.js';
import { resetText, startOf, startUnknown, type Start } from './start.js';

export interface StreamParts extends Pick<FeedParts, 'pool' | 'onTrouble'> {
  readonly clientsMax?: number;
  readonly times?: Partial<ClientTimes>;
}

/** What is needed of a request: Node's has it. */
export interface StreamRequest {
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/** What is needed of a response: Node's has it. */
export type StreamResponse = Writable & {
  writeHead(status: number, headers: Readonly<Record<string, string>>): unknown;
  readonly headersSent: boolean;
};

export interface LiveStream {
  /** Answers by itself, also what is wrong. Never throws; resolves when the client is gone. */
  handle(request: StreamRequest, response: StreamResponse): Promise<void>;
  /** The same for a query and a Last-Event-ID that are read already. */
  serve(query: URLSearchParams, lastEventId: string | undefined, response: StreamResponse): Promise<void>;
  readonly clients: number;
  /** Ends all clients; they come back by themselves, to whichever door there is. */
  close(): void;
}

export function openStream({
  pool,
  onTrouble,
  clientsMax = liveLimits.streamClientsMax,
  times,
}: StreamParts): LiveStream {
  const eventBytes = { dataBytes: liveLimits.streamDataBytesMax, enrichmentBytes: liveLimits.streamEnrichmentBytesMax };
  const desk: Desk = {
    pool,
    feed: createFeed({ pool, eventBytes, onTrouble }),
    clientsMax,
    times: { ...clientTimes, ...times },
    clients: new Set(),
  };
  const serve: LiveStream['serve'] = (query, lastEventId, response) =>
    serveOrRefuse(desk, query, lastEventId, response);
  return {
    serve,
    handle({ url = '', headers }, response) {
      const header = headers['last-event-id'];
      return serve(
        new URL(url, 'http://stream').searchParams,
        typeof header === 'string' ? header : header?.[0],
        response,
      );
    },
    get clients() {
      return desk.clients.size;
    },
    close() {
      for (const response of desk.clients) response.end();
      desk.feed.close();
    },
  };
}

interface Desk extends Pick<FeedParts, 'pool'> {
  readonly feed: LiveFeed;
  readonly clientsMax: number;
  readonly times: ClientTimes;
  readonly clients: Set<StreamResponse>;
}

async function serveOrRefuse(
  desk: Desk,
  query: URLSearchParams,
  lastEventId: string | undefined,
  response: StreamResponse,
): Promise<void> {
  // A connection that is lost says so by an event, which ends the process when nobody listens.
  response.on('error', () => undefined);
  if (desk.clients.size >= desk.clientsMax) return refuse(response, busy(desk.clientsMax));
  desk.clients.add(response);
  try {
    const question = feedQuestion(askedWords(query));
    await serve(desk, question, await startFor(desk, question, lastEventId), response);
  } catch (error) {
    refuse(response, problemOf(error));
  } finally {
    desk.clients.delete(response);
  }
}

/** The header is the browser's own: it has come from an event, while `from` is what the stream was opened with. */
function startFor({ pool }: Desk, { from, filter }: FeedQuestion, lastEventId: string | undefined): Promise<Start> {
  if (lastEventId === undefined || lastEventId === '') return startOf(pool, from, filter.since);
  const position = parsePosition(lastEventId);
  // Refused, a browser would never come back; nobody can mend what it sends.
  return position === undefined ? startUnknown(pool, lastEventId) : startOf(pool, position, undefined);
}

async function serve(
  { feed, times }: Desk,
  { filter }: FeedQuestion,
  { after, reset }: Start,
  response: StreamResponse,
): Promise<void> {
  if (response.destroyed) return;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    // Neither kept nor packed nor gathered on the way: proxies hold back what they would pack, and nginx what it would gather.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-content-type-options': 'nosniff',
  });
  response.write(retryFrame(liveLimits.streamRetryMs));
  if (reset !== undefined)
    response.write(resetFrame({ reason: reset.reason, last: positionText(after), message: resetText(reset) }));
  const reader = feed.open(after, filter);
  response.once('close', () => reader.close());
  try {
    await serveClient(response, reader, after, times);
  } finally {
    reader.close();
  }
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly detail: string;
  readonly retryAfterSeconds?: number;
}

function busy(clientsMax: number): Refusal {
  const detail = `all ${clientsMax} places of the stream are taken; try again later`;
  return { status: 503, code: 'stream_full', detail, retryAfterSeconds: liveLimits.streamBusySeconds };
}

/** What is no word of the caller's is Postgres: before the first event nothing else can fail. */
function problemOf(error: unknown): Refusal {
  if (isEngineError(error) && error.next === 'refuse')
    return { status: 400, code: error.code, field: error.field, detail: error.message };
  const detail = 'the store does not answer; try again later';
  return { status: 503, code: 'store_away', detail, retryAfterSeconds: liveLimits.streamBusySeconds };
}

/** RFC 9457. */
function refuse(response: StreamResponse, { retryAfterSeconds, ...told }: Refusal): void {
  if (response.destroyed || response.writableEnded) return;
  if (response.headersSent) return void response.destroy();
  response.writeHead(told.status, {
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  });
  response.end(JSON.stringify({ type: `urn:tributary:problem:${told.code}`, ...told }));
}
