// Values of events as they may go to whoever watches: what looks like a secret and what is bytes is replaced. The store has them
// as they came; a stream is looked at by more people than a store, and by pages that show what they get.

/** Of this kind and size it was. */
const secret = '<secret>';
const binary = (bytes: number): string => `<binary data: ${bytes} bytes>`;

/** Names of values that are secret, by how they end: camelCase, snake_case and headers alike. Numbers under them are counts. */
const secretName =
  /(?:pass(?:word|wd|phrase)|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|authorization|credentials?|cookie|session[-_]?id|signature)$/i;

/** Secrets that are known by their form: keys and tokens of GitHub, GitLab, Slack, Stripe, AWS, Google, npm; JWTs; PEM keys; passwords in URLs. */
const secretText = new RegExp(
  [
    String.raw`\bgh[opsur]_\w{20,255}`,
    String.raw`\bgithub_pat_\w{20,255}`,
    String.raw`\bglpat-[\w-]{20,64}`,
    String.raw`\bxox[abeoprs]-[\w-]{10,255}`,
    String.raw`\b(?:sk|rk|whsec)_(?:live_|test_)?[A-Za-z0-9+/=]{16,255}`,
    String.raw`\b(?:AKIA|ASIA)[A-Z0-9]{16}\b`,
    String.raw`\bAIza[\w-]{35}`,
    String.raw`\bnpm_[A-Za-z0-9]{36}`,
    String.raw`\beyJ[\w-]{10,300}\.eyJ[\w-]{10,4000}\.[\w-]{10,1000}`,
    String.raw`-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?`,
    String.raw`(?<=\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{0,200}:)[^\s/@]{1,200}(?=@)`,
  ].join('|'),
  'g',
);

/** A text in so many characters of base64, of every kind, is bytes; hashes and ids are shorter, and have no capital letters. */
const base64CharsMin = 512;
const base64 = [/^[A-Za-z0-9+/_-]+={0,2}$/, /[A-Z]/, /[a-z]/, /\d/];
const dataUrl = /^data:[^,]{0,200};base64,/;

/** Text anywhere in an event. */
export function safeText(text: string): string {
  if (text.startsWith('data:') && dataUrl.test(text)) return binary(bytesOfBase64(text.length - text.indexOf(',') - 1));
  if (text.length >= base64CharsMin && base64.every((part) => part.test(text)))
    return binary(bytesOfBase64(text.length));
  return text.replace(secretText, secret);
}

/** Of data or enrichment; the store bounds their depth. */
export function safeValue(value: unknown): unknown {
  if (typeof value === 'string') return safeText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(safeValue);
  if (isBuffer(value)) return binary(value.data.length);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [safeText(name), safeMember(name, item)]));
}

function safeMember(name: string, value: unknown): unknown {
  const isSecret = typeof value === 'string' && value !== '' && secretName.test(name);
  return isSecret ? secret : safeValue(value);
}

/** As Node writes bytes into JSON. */
function isBuffer(value: object): value is { readonly data: readonly unknown[] } {
  return 'type' in value && value.type === 'Buffer' && 'data' in value && Array.isArray(value.data);
}

function bytesOfBase64(chars: number): number {
  return Math.floor((chars * 3) / 4);
}
