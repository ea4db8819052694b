// `GET /path?query HTTP/1.1`. What comes to a port is not always one: `-`, bytes of TLS, anything.
import type { LogFields } from './line.js';

const methodCharsMax = 32;

/** False: it is none; the fields are untouched. Blanks inside the target are kept, as servers log what they refuse. */
export function readRequest(text: string, fields: LogFields): boolean {
  const space = text.indexOf(' ');
  if (space <= 0 || !isMethod(text, space)) return false;
  let end = text.lastIndexOf(' ');
  const protocol = end > space ? text.slice(end + 1) : '';
  if (!isProtocol(protocol)) {
    // HTTP/0.9 has no protocol. With one that is wrong it is no request line.
    if (end > space) return false;
    end = text.length;
  }
  if (end === space + 1 || space + 1 === text.length) return false;
  fields.method = text.slice(0, space);
  fields.protocol = protocol === '' ? undefined : protocol;
  readTarget(text.slice(space + 1, end), fields);
  return true;
}

/** `/path?query`, `http://host/path?query`, `host:443` of CONNECT, `*`. */
export function readTarget(target: string, fields: LogFields): void {
  const scheme = target.charCodeAt(0) === 47 ? -1 : target.indexOf('://');
  const path = scheme > 0 && scheme < 12 ? fromAuthority(target, scheme, fields) : target;
  const mark = path.indexOf('?');
  fields.path = mark < 0 ? path : path.slice(0, mark);
  fields.query = mark < 0 ? undefined : path.slice(mark + 1);
}

/** The path behind `http://host`; host, port and scheme are told where nothing else tells them. */
function fromAuthority(target: string, scheme: number, fields: LogFields): string {
  const from = scheme + 3;
  const [slash, mark] = [target.indexOf('/', from), target.indexOf('?', from)];
  const end = Math.min(slash < 0 ? target.length : slash, mark < 0 ? target.length : mark);
  fields.scheme ??= target.slice(0, scheme);
  fields.host ??= target.slice(from, end);
  return end === target.length ? '/' : slash === end ? target.slice(end) : `/${target.slice(end)}`;
}

/** Letters, digits and signs of a token; no lower case alone is asked for, since servers log what came. */
function isMethod(text: string, length: number): boolean {
  if (length > methodCharsMax) return false;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    const letter = (code | 32) >= 97 && (code | 32) <= 122;
    if (!letter && code !== 45 && code !== 95 && !(at > 0 && code >= 48 && code <= 57)) return false;
  }
  return true;
}

/** `HTTP/1.1`, `HTTP/2`, `HTTP/3.0`, `http/1.1`, `RTSP/1.0` */
function isProtocol(text: string): boolean {
  const { length } = text;
  if (length < 6 || length > 10) return false;
  const slash = text.indexOf('/');
  return slash >= 2 && slash < length - 1 && isVersion(text, slash + 1);
}

function isVersion(text: string, from: number): boolean {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 46 && (code < 48 || code > 57)) return false;
  }
  return true;
}
