// Values of named queries, masked on the text of a line before anything else sees it: so it holds for lines of no format, too,
// for the query of a referer, and for whatever field a secret stands in. It leaves the form of a line as it is, and costs a
// fifth of parsing it. What needs a line to be understood (all values, addresses) is formats/masking.ts.

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

const masked = '*';

/**
 * Undefined: nothing is masked. Bytes stay bytes: a line need not be text. A value begins after `name=`, and ends where a
 * query's would; `\u0026` is `&` as Go writes it into JSON. A name counts after a sign that stands before names in queries, and
 * at the beginning of a word: W3C has queries as words, logfmt whole fields.
 */
export function createValueMask(names: readonly string[]): ((line: Buffer) => Buffer) | undefined {
  if (names.length === 0) return undefined;
  const name = names.map((one) => one.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)).join('|');
  const value = String.raw`(?:[^&\s"#\\]|\\(?!u0026))+`;
  const pairs = new RegExp(String.raw`([?&\s"';]|\\u0026|^)(${name})=${value}`, 'gi');
  return (line) => {
    if (!line.includes(equals)) return line;
    const text = line.toString('latin1');
    const kept = text.replace(pairs, `$1$2=${masked}`);
    return kept === text ? line : Buffer.from(kept, 'latin1');
  };
}

const equals = 0x3d;
