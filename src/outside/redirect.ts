// Where a redirect leads, or why it is not followed. The credential stays with its origin, and once left it is not sent
// again.
import { NeedsAttention } from '../domain/errors.js';
import { originOf } from './target.js';

export interface Hop {
  readonly url: URL;
  /** Of the base's origin, and never left it: gets the credential and the caller's headers. */
  readonly own: boolean;
}

const redirects = new Set([301, 302, 303, 307, 308]);

/** Only what changes nothing is asked again elsewhere. */
export function isRedirect(status: number, method: string): boolean {
  return redirects.has(status) && (method === 'GET' || method === 'HEAD');
}

/** `otherOrigins`: files of GitHub are signed URLs of another host. */
export function nextHop(hop: Hop, location: string | undefined, otherOrigins: boolean, subject: string): Hop {
  const refuse = (why: string): never => {
    throw new NeedsAttention('redirect_refused', `${subject} is redirected ${why}; expected ${hop.url.origin}`);
  };
  if (location === undefined || !URL.canParse(location, hop.url.href)) return refuse('to nowhere');
  const url = new URL(location, hop.url);
  if (url.username !== '' || url.password !== '') return refuse('to a URL with a user or a password in it');
  if (url.origin === hop.url.origin) return { url, own: hop.own };
  if (url.protocol !== 'https:') return refuse(`to ${originOf(url)}, which is not https`);
  return otherOrigins ? { url, own: false } : refuse(`to another origin, ${url.origin}`);
}
