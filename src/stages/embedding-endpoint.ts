// One call to an OpenAI-compatible endpoint: POST {input, model}, and what comes back taken apart. Tries once; its errors
// are classes by what to do next. Nothing an endpoint says is repeated but a status and a word: it may echo key or text.
import { NeedsAttention, Transient, WaitUntil } from '../domain/errors.js';
import { limits } from '../limits.js';
import { InputRefused, vectorsOf, type Vector } from './embedding-answer.js';

export interface EmbeddingEndpointOptions {
  /** Of the interface, as `https://host/v1`; or of the call itself, ending in `/embeddings`. */
  readonly url: string;
  readonly model: string;
  /** Asked for with each call, so that a key may change; undefined: none is sent. */
  readonly key: () => Promise<string | undefined>;
  /** Sent along, for models that can shorten their vectors. */
  readonly dimensions?: number | undefined;
}

export interface EmbeddingEndpoint {
  /**
   * One vector a text, in order; an Error for a text whose vector is unusable. Throws InputRefused when the endpoint
   * refuses what it was given or answers what it was not asked for, Transient, WaitUntil, or NeedsAttention.
   */
  embed(texts: readonly string[], signal: AbortSignal): Promise<readonly (Vector | Error)[]>;
}

export function createEmbeddingEndpoint({ url, model, key, dimensions }: EmbeddingEndpointOptions): EmbeddingEndpoint {
  const target = callUrl(url);
  return {
    async embed(texts, signal) {
      const secret = await key();
      const body = JSON.stringify({ input: texts, model, encoding_format: 'float', ...(dimensions === undefined ? {} : { dimensions }) });
      const headers = { 'content-type': 'application/json', ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }) };
      const answer = await fetched(async () => {
        // A redirect would carry the key to wherever it points.
        const response = await fetch(target, { method: 'POST', headers, body, signal, redirect: 'manual' });
        return { response, text: await boundedText(response) };
      }, signal);
      if (!answer.response.ok) throw failureOf(answer.response, answer.text);
      return vectorsOf(jsonOf(answer.text), texts.length, dimensions);
    },
  };
}

function callUrl(url: string): string {
  const target = new URL(url);
  if (!target.pathname.endsWith('/embeddings')) target.pathname = `${target.pathname.replace(/\/$/, '')}/embeddings`;
  return target.href;
}

/** What fetch throws says little: `fetch failed`, with the reason as its cause. */
async function fetched<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof InputRefused) throw error;
    if (signal.aborted) throw new Transient('embedder_slow', 'the embedder did not answer in time', { cause: error });
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : 'the connection was lost';
    throw new Transient('embedder_away', `the embedder cannot be reached: ${code}`, { cause: error });
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limits.embedAnswerBytesMax) throw new InputRefused(`the embedder's answer has more than ${limits.embedAnswerBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InputRefused("the embedder's answer is not JSON", { cause: error });
  }
}

function failureOf({ status, headers }: Response, text: string): Error {
  const said = `the embedder answers ${status}${wordIn(text)}`;
  const waitMs = retryAfterMs(headers.get('retry-after'));
  if ((status === 429 || status === 503) && waitMs !== undefined) return new WaitUntil('embedder_busy', `${said}, to come back in ${Math.ceil(waitMs / 1_000)} s`, waitMs);
  if (status === 429 || status === 408 || status >= 500) return new Transient('embedder_failed', said);
  if (status === 400 || status === 413 || status === 422) return new InputRefused(said);
  return new NeedsAttention('embedder_refuses', `${said}; check TRIBUTARY_EMBED_URL, _MODEL and _KEY`);
}

/** ` insufficient_quota`: the machine-readable word of OpenAI's errors. */
function wordIn(text: string): string {
  const [, word] = /"(?:code|type)"\s*:\s*"([a-z_]{1,60})"/.exec(text.slice(0, limits.errorCharsMax)) ?? [];
  return word === undefined ? '' : ` ${word}`;
}

/** Seconds, or a date (RFC 9110). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header.trim()) ? 1_000 * Number(header) : Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), limits.embedWaitMsMax);
}
