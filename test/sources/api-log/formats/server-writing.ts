// Lines as servers write them, for round trips: the escaping of each, and requests to write.
import fc from 'fast-check';

export interface Request {
  readonly remote: string;
  readonly user: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
  /** Seconds of the Unix clock. */
  readonly at: number;
  /** Minutes east of UTC. */
  readonly offset: number;
}

/** Signs that formats use themselves, beside others; no surrogates alone, which no bytes can say. */
const sign = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...Array.from('abcABC019 "\\\'[]-/?&=%;,x\t\n\r\0\x1b\x7fé€😀')) },
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
);
const text = fc.array(sign, { minLength: 1, maxLength: 24 }).map((signs) => signs.join(''));
/** A header or a name: one `-` alone says that there is none, and blanks around it are none of a header's. */
const value = fc.option(
  text.map((one) => one.trim()).filter((one) => one !== '' && one !== '-'),
  { nil: undefined },
);
/** A target has no blank: servers refuse a request with one. */
const target = text.map((one) => one.replaceAll(/[\s?]/gu, ''));

export const request: fc.Arbitrary<Request> = fc.record({
  remote: fc.oneof(fc.ipV4(), fc.ipV6()),
  user: value,
  method: fc.constantFrom('GET', 'POST', 'PROPFIND', 'VERSION-CONTROL'),
  path: target.map((one) => `/${one}`),
  query: fc.option(target, { nil: undefined }),
  status: fc.integer({ min: 0, max: 999 }),
  bytes: fc.nat(2 ** 40),
  referer: value,
  userAgent: value,
  at: fc.integer({ min: -2_000_000_000, max: 99_999_999_999 }),
  offset: fc.integer({ min: -13 * 60, max: 14 * 60 }),
});

export function targetOf({ path, query }: Request): string {
  return query === undefined ? path : `${path}?${query}`;
}

const hex = (byte: number, upper: boolean) => {
  const digits = byte.toString(16).padStart(2, '0');
  return `\\x${upper ? digits.toUpperCase() : digits}`;
};

/** ngx_http_log_escape */
export function nginxEscaped(given: string | undefined): string {
  if (given === undefined) return '-';
  const escaped = (byte: number) => byte < 32 || byte > 126 || byte === 34 || byte === 92;
  return [...Buffer.from(given)].map((byte) => (escaped(byte) ? hex(byte, true) : String.fromCharCode(byte))).join('');
}

/** ngx_escape_json: bytes above 127 stay. */
export function nginxJson(given: string | undefined): string {
  return Array.from(given ?? '')
    .map((one) => (one < ' ' || one === '"' || one === '\\' ? JSON.stringify(one).slice(1, -1) : one))
    .join('');
}

const apacheLetters: Readonly<Record<number, string>> = {
  8: 'b',
  10: 'n',
  13: 'r',
  9: 't',
  11: 'v',
  34: '"',
  92: '\\',
};

/** ap_escape_logitem */
export function apacheEscaped(given: string | undefined): string {
  if (given === undefined) return '-';
  const shown = (byte: number) => {
    const letter = apacheLetters[byte];
    if (letter !== undefined) return `\\${letter}`;
    return byte < 32 || byte > 126 ? hex(byte, false) : String.fromCharCode(byte);
  };
  return [...Buffer.from(given)].map(shown).join('');
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number) => String(value).padStart(2, '0');

/** `2026-11-26T15:00:01+01:00`, as it is to be read. */
export function rfc3339({ at, offset }: Request): string {
  return `${local(at, offset)}${offset === 0 ? 'Z' : zone(offset, ':')}`;
}

/** `26/Nov/2026:15:00:01 +0100`, as servers write it. */
export function clfTime({ at, offset }: Request): string {
  const shown = local(at, offset);
  return `${shown.slice(8, 10)}/${months[Number(shown.slice(5, 7)) - 1]}/${shown.slice(0, 4)}:${shown.slice(11)} ${zone(offset, '')}`;
}

export function local(at: number, offset: number): string {
  return new Date((at + offset * 60) * 1_000).toISOString().slice(0, 19);
}

function zone(offset: number, between: string): string {
  const far = Math.abs(offset);
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(far / 60))}${between}${two(far % 60)}`;
}

/** What is to be read of a request that was written with these fields. */
export function expected(given: Request): Record<string, unknown> {
  const { remote, user, method, path, query, status, bytes, referer, userAgent } = given;
  const all = {
    remote,
    user,
    method,
    path,
    query,
    status,
    bytes,
    referer,
    userAgent,
    protocol: 'HTTP/1.1',
    time: rfc3339(given),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
