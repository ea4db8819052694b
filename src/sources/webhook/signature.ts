// Signatures by a shared secret, over bytes as they came, compared in a time that says nothing.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { webhookLimits } from './limits.js';

export type Algorithm = 'sha256' | 'sha512' | 'sha1';

export function signed(algorithm: Algorithm, secret: string | Buffer, parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac(algorithm, secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/**
 * Whether one of the texts is one of the signatures; all are looked at, whichever is right. What is no signature by its form or
 * length is none: the comparison would throw.
 */
export function matches(texts: readonly string[], encoding: 'hex' | 'base64', expected: readonly Buffer[]): boolean {
  let right = false;
  for (const text of texts.slice(0, webhookLimits.signaturesMax)) {
    const given = decoded(text, encoding);
    for (const one of expected)
      if (given !== null && given.byteLength === one.byteLength && timingSafeEqual(given, one)) right = true;
  }
  return right;
}

function decoded(text: string, encoding: 'hex' | 'base64'): Buffer | null {
  const form = encoding === 'hex' ? /^(?:[0-9a-f]{2})+$/i : /^[A-Za-z0-9+/]+={0,2}$/;
  return form.test(text) ? Buffer.from(text, encoding) : null;
}

/** Null: near enough. `text`: seconds since 1970, as the header has them. */
export function timeRefusal(text: string | undefined, now: number): string | null {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return 'the time that is signed is missing or none';
  const offMs = Number(text) * 1_000 - now;
  return Math.abs(offMs) <= webhookLimits.toleranceMs
    ? null
    : `the time that is signed is ${Math.round(offMs / 1_000)} s from ours, expected at most ${webhookLimits.toleranceMs / 1_000}`;
}

export const missing = 'the signature is missing';
export const wrong = 'the signature is wrong: another secret, or the body was changed on its way';
