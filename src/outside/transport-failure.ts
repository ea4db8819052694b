// What connecting, sending and reading throw, by what to do next. Decided by codes; messages and causes are left
// behind, because some of them quote what was read, and an answer may hold our own token.
import { isEngineError, NeedsAttention, Transient } from '../domain/errors.js';
import type { HttpBounds } from './bounds.js';

export interface Failing {
  readonly subject: string;
  readonly remedy: string;
  readonly bounds: HttpBounds;
  /** Headers had come: what failed is the body. */
  readonly answered: boolean;
}

const tlsWords: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet; is the clock right?',
  CERT_REVOKED: 'was revoked',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'is signed by an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT: 'is signed by an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'is signed by an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'comes without the certificates it is signed by, or by an authority that this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host',
};

export function transportFailure(error: unknown, failing: Failing): unknown {
  if (isEngineError(error)) return error;
  const code = codeOf(error);
  if (code === undefined) return error;
  return slow(code, failing) ?? unsafe(code, failing) ?? refused(code, failing) ?? lost(code, failing);
}

/** Of the error, or of what it was made of; undefined: none, so it is a mistake of ours. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause);
}

function slow(code: string, { subject, bounds }: Failing): Transient | undefined {
  const what = {
    UND_ERR_CONNECT_TIMEOUT: `no connection within ${seconds(bounds.connectMs)}`,
    UND_ERR_HEADERS_TIMEOUT: `no answer within ${seconds(bounds.headersMs)}`,
    UND_ERR_BODY_TIMEOUT: `no further byte of it within ${seconds(bounds.betweenBytesMs)}`,
  }[code];
  return what === undefined ? undefined : tooSlow(subject, what);
}

export function tooSlow(subject: string, what: string): Transient {
  return new Transient('http_slow', `${subject} did not answer in time: ${what}`);
}

export function seconds(ms: number): string {
  return `${ms / 1_000} s`;
}

function unsafe(code: string, { subject, remedy }: Failing): NeedsAttention | undefined {
  const word = tlsWords[code];
  if (word !== undefined)
    return new NeedsAttention(
      'tls_untrusted',
      `${subject} cannot be trusted: its certificate ${word} (${code}); ${remedy}`,
    );
  // The alert of a peer that speaks no TLS, or none of the versions we speak, is EPROTO or a code of OpenSSL's.
  if (!/^(CERT_|CRL_|ERROR_IN_|UNABLE_TO_|INVALID_|PATH_LENGTH_|HOSTNAME_|ERR_TLS_|ERR_SSL_|EPROTO$)/.test(code))
    return undefined;
  return new NeedsAttention('tls_failed', `${subject} cannot be asked over TLS (${code}); ${remedy}`);
}

/** Asking again as before gives the same. */
function refused(code: string, { subject, bounds, remedy }: Failing): NeedsAttention | undefined {
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return new NeedsAttention(
      'headers_too_large',
      `${subject} answers with more than ${bounds.headerBytesMax} bytes of headers`,
    );
  if (code !== 'UND_ERR_INVALID_ARG') return undefined;
  return new NeedsAttention(
    'request_invalid',
    `${subject} cannot be asked: a header or the secret has characters that no header may have; ${remedy}`,
  );
}

function lost(code: string, { subject, answered }: Failing): Transient {
  if (/^Z_(DATA|NEED|STREAM|MEM)|^ERR_.*(BROTLI|FORMAT)|^ERR__ERROR_FORMAT/.test(code)) {
    return new Transient('answer_corrupt', `${subject} sent an answer that cannot be unpacked (${code})`);
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    return new Transient('http_protocol', `${subject} sent what is not HTTP (${code})`);
  if (answered)
    return new Transient(
      'answer_truncated',
      `${subject} cannot be reached any more: its answer was cut short (${code})`,
    );
  return new Transient(
    'http_away',
    `${subject} cannot be reached: ${code === 'UND_ERR_SOCKET' ? 'it closed the connection' : code}`,
  );
}
