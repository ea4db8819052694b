// Masking, on the text of a line before anything else sees it: so it holds for lines of no format, too, for the query of a
// referer, and for whatever field a secret or an address stands in. It leaves the form of a line as it is.
import { isIPv4, isIPv6 } from 'node:net';

export interface Masks {
  readonly maskQuery: readonly string[];
  readonly maskAddresses: 'none' | 'network' | 'all';
}

/** Names under which secrets are sent in queries, though they should not be: what common API gateways and scanners redact. */
export const secretNames = [
  'access_token',
  'api_key',
  'api-key',
  'apikey',
  'auth',
  'client_secret',
  'id_token',
  'key',
  'passwd',
  'password',
  'pwd',
  'refresh_token',
  'secret',
  'session',
  'sessionid',
  'sig',
  'signature',
  'token',
  'x-amz-credential',
  'x-amz-security-token',
  'x-amz-signature',
] as const;

const masked = '***';

/** Undefined: nothing is masked. Bytes stay bytes: a line need not be text. */
export function createMask({ maskQuery, maskAddresses }: Masks): ((line: Buffer) => Buffer) | undefined {
  const values = maskQuery.length === 0 ? undefined : valueMask(maskQuery);
  if (values === undefined && maskAddresses === 'none') return undefined;
  return (line) => {
    const text = line.toString('latin1');
    let kept = values === undefined || !text.includes('=') ? text : values(text);
    if (maskAddresses !== 'none') kept = withoutAddresses(kept, maskAddresses);
    return kept === text ? line : Buffer.from(kept, 'latin1');
  };
}

/**
 * A value begins after `name=`, and ends where a query's would. `\u0026` is `&` as Go writes it into JSON. A name counts after
 * a sign that stands before names in queries, and at the beginning of a word: W3C has queries as words, logfmt whole fields.
 * `*` counts after the signs of a query only, and in a word that has several: every other word may be anything.
 */
function valueMask(names: readonly string[]): (text: string) => string {
  const value = String.raw`(?:[^&\s"#\\]|\\(?!u0026))+`;
  const sign = String.raw`[?&]|\\u0026`;
  const any = names.includes('*');
  const name = any ? String.raw`[^=&?\s"#]{1,200}` : names.map(escaped).join('|');
  const before = any ? sign : String.raw`${sign}|[\s"';]|^`;
  const pairs = new RegExp(`(${before})(${name})=${value}`, 'gi');
  const word = /(^|\s)([^=&?\s"#]{1,200})=[^&\s"#]*(?=&[^=&?\s"#]{1,200}=)/g;
  return (text) => {
    const paired = text.replace(pairs, `$1$2=${masked}`);
    return any ? paired.replace(word, `$1$2=${masked}`) : paired;
  };
}

function escaped(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** `Chrome/120.0.0.0` is a version: a letter and one slash before it. */
const fourNumbers = /(?<![\w.]|[A-Za-z]\/)\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g;
/** Also `12:34:56`, which is no address and stays. */
const colons = /(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])/gi;

function withoutAddresses(text: string, how: 'network' | 'all'): string {
  const kept = text.replace(fourNumbers, (found) =>
    isIPv4(found) ? (how === 'all' ? '0.0.0.0' : `${found.slice(0, found.lastIndexOf('.'))}.0`) : found,
  );
  return kept.replace(colons, (found) => (isIPv6(found) ? (how === 'all' ? '::' : networkOf(found)) : found));
}

/** The first 48 bits: what a provider gives to one customer, at least. */
function networkOf(address: string): string {
  const [front = ''] = address.split('::');
  const groups = front === '' ? [] : front.split(':');
  const kept = [0, 1, 2].map((at) => groups[at] ?? '0');
  return kept.every((group) => Number.parseInt(group, 16) === 0) ? '::' : `${kept.join(':')}::`;
}
