// One call to an OpenAI-compatible endpoint: POST {input, model}, and what comes back taken apart. Tries once; its
// errors are classes by what to do next, or InputRefused where fewer texts may help.
import { EngineError, Transient } from '../../domain/errors.js';
import { limits } from '../../limits.js';
import { createHttpClient } from '../../outside/http-client.js';
import type { ProxySettings } from '../../outside/proxy.js';
import { InputRefused, vectorsOf, type Vector } from './embedding-answer.js';

export interface EmbeddingEndpointOptions {
  /** Of the interface, as `https://host/v1`; or of the call itself, ending in `/embeddings`. */
  readonly url: string;
  readonly model: string;
  /** Asked for with each call, so that a key may change; undefined: none is sent. */
  readonly key: () => Promise<string | undefined>;
  /** Sent along, for models that can shorten their vectors. */
  readonly dimensions?: number | undefined;
  readonly proxy?: ProxySettings;
}

export interface EmbeddingEndpoint {
  /**
   * One vector a text, in order; an Error for a text whose vector is unusable. Throws InputRefused when the endpoint
   * refuses what it was given or answers what it was not asked for, Transient, WaitUntil, or NeedsAttention.
   */
  embed(texts: readonly string[], cancelled: AbortSignal, callMs: number): Promise<readonly (Vector | Error)[]>;
}

export function createEmbeddingEndpoint({
  url,
  model,
  key,
  dimensions,
  proxy = {},
}: EmbeddingEndpointOptions): EmbeddingEndpoint {
  const target = callUrl(url);
  const client = createHttpClient({
    base: target.origin,
    credential: key,
    // A person named it in the environment: mostly it is on this machine.
    allowPrivate: true,
    name: 'the embedder',
    remedy: 'check TRIBUTARY_EMBED_URL, _MODEL and _KEY',
    proxy,
    bounds: { bodyBytesMax: limits.embedAnswerBytesMax, waitMsMax: limits.embedWaitMsMax },
  });
  const headers = { 'content-type': 'application/json' };
  return {
    async embed(texts, signal, callMs) {
      const body = JSON.stringify({
        input: texts,
        model,
        encoding_format: 'float',
        ...(dimensions === undefined ? {} : { dimensions }),
      });
      const bounds = { totalMs: callMs, headersMs: callMs, betweenBytesMs: callMs };
      try {
        const answer = await client.ask({ method: 'POST', url: target, headers, body, signal, bounds });
        return vectorsOf(answer.json(), texts.length, dimensions);
      } catch (error) {
        throw embedderFailure(error);
      }
    },
  };
}

function callUrl(url: string): URL {
  const target = new URL(url);
  if (!target.pathname.endsWith('/embeddings')) target.pathname = `${target.pathname.replace(/\/$/, '')}/embeddings`;
  return target;
}

/** One of the texts may be why: too long, or of a kind that makes the endpoint stumble. */
const maybeTheTexts = ['http_400', 'http_413', 'http_422', 'answer_too_large', 'answer_not_json', 'answer_malformed'];

function embedderFailure(error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  if (maybeTheTexts.includes(error.code)) return new InputRefused(error.message, { cause: error });
  // How long to wait then is the stage's to say: events go on without their vectors.
  return error.code === 'rate_limited_unsaid' ? new Transient(error.code, error.message) : error;
}
