// What a client may be made for and asked: one origin. What an answer says of the next page, or a cursor brings back
// from Postgres, is words from outside and must stay there.
import { InvalidInput, NeedsAttention } from '../domain/errors.js';
import { httpBounds } from './bounds.js';

/** Paths are relative to it, so it ends in a slash. */
export function baseOf(url: string, allowPrivate: boolean): URL {
  const base = URL.canParse(url) ? new URL(url) : undefined;
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new InvalidInput('url', 'is no URL of a server; expected https://host/path');
  if (base.username !== '' || base.password !== '')
    throw new InvalidInput('url', 'has a user or a password in it; expected the secret by its reference');
  if (base.protocol === 'http:' && !allowPrivate)
    throw new InvalidInput('url', 'is plain http, which anyone on the way can read; expected https://…');
  base.hash = '';
  base.search = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

/** A path below the base, or an absolute URL of the same origin. */
export function targetOf(base: URL, url: string | URL): URL {
  if (!URL.canParse(String(url), base.href))
    throw new NeedsAttention('other_origin', `expected a URL of ${base.origin}, found what is no URL`);
  const target = new URL(url, base);
  if (target.origin !== base.origin || target.username !== '' || target.password !== '') {
    throw new NeedsAttention(
      'other_origin',
      `expected a URL of ${base.origin}, found one of ${originOf(target)}; it was not asked`,
    );
  }
  target.hash = '';
  return target;
}

/** Of what is not http it says only the scheme. */
export function originOf(url: URL): string {
  return url.origin === 'null' ? `scheme ${url.protocol}` : url.origin;
}

/** `GET https://host/path?page=…`: values may be tokens. */
export function describeTarget(method: string, url: URL): string {
  const names = [...new Set(url.searchParams.keys())].map((name) => `${encodeURIComponent(name)}=…`);
  const query = names.length === 0 ? '' : `?${names.join('&')}`;
  return `${method} ${url.origin}${url.pathname}${query}`.slice(0, httpBounds.subjectCharsMax);
}
