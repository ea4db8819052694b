// An answer that came whole. Sources store its bytes; text and JSON are for looking into them.
import { NeedsAttention, Transient } from '../domain/errors.js';
import { httpBounds } from './bounds.js';
import { headerOf, type Headers } from './headers.js';

/** What to send back, to be told only of a change. */
export interface Validators {
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
}

interface Answered {
  /** 2xx, or one that the caller takes as a value. */
  readonly status: number;
  /** Who gave it, after redirects. */
  readonly url: URL;
  readonly headers: Headers;
  readonly validators: Validators;
}

/** 304: what the caller has is what there is. */
export interface Unchanged extends Answered {
  readonly unchanged: true;
}

export interface Content extends Answered {
  readonly unchanged: false;
  /** Unpacked, and nothing else done to them. */
  readonly bytes: Buffer;
  /** As UTF-8, without a byte order mark; what is none becomes U+FFFD. */
  text(): string;
  /** Throws when it is something else, or nothing: that is never an empty answer. */
  json(): unknown;
}

export function contentOf(answered: Answered, bytes: Buffer, subject: string): Content {
  const text = (): string => new TextDecoder().decode(bytes);
  return { ...answered, unchanged: false, bytes, text, json: () => jsonOf(text(), answered.headers, subject) };
}

export function validatorsOf(headers: Headers): Validators {
  const [etag, lastModified] = [headerOf(headers, 'etag'), headerOf(headers, 'last-modified')];
  return {
    ...(etag !== undefined && /^(W\/)?"[^"]*"$/.test(etag) && etag.length <= httpBounds.validatorCharsMax
      ? { etag }
      : {}),
    ...(lastModified !== undefined && lastModified.length <= httpBounds.validatorCharsMax ? { lastModified } : {}),
  };
}

/** What says nothing of its type is tried, and so is plain text, which small servers say of everything. */
const maybeJson = /^(application\/([\w.-]+\+)?json|text\/(json|plain)|application\/octet-stream)$/;

function jsonOf(text: string, headers: Headers, subject: string): unknown {
  const type = (headerOf(headers, 'content-type') ?? 'text/plain').split(';')[0]!.trim().toLowerCase();
  if (!maybeJson.test(type)) {
    // A login page, or that of a proxy in between.
    throw new NeedsAttention(
      'answer_not_json',
      `${subject} sent an answer that is not JSON but ${/^[\w.+/-]{1,60}$/.test(type) ? type : 'of an unknown type'}`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // The cause would quote it.
    throw new Transient(
      'answer_malformed',
      `${subject} sent an answer that is not JSON: ${text === '' ? 'it is empty' : 'it is cut or mixed up'}`,
    );
  }
}
