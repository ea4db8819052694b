// nginx's log_format, compiled: https://nginx.org/en/docs/http/ngx_http_log_module.html
import { joined, plainText, refuse, wordsOf, type FormatText, type Grammar } from './config-text.js';
import { patternOf, type Part } from './pattern-parts.js';
import type { Pattern } from './pattern.js';
import { clf, epochSeconds, iso } from './time-forms.js';
import {
  extraMeaning,
  headerMeaning,
  nothing,
  numberMeaning,
  pathMeaning,
  queryMeaning,
  requestMeaning,
  scaled,
  targetMeaning,
  textMeaning,
  timeMeaning,
  type Meaning,
} from './variables.js';
import { numberOf } from './scan.js';

const grammar: Grammar = {
  terminator: ';',
  comment: '#',
  // As ngx_conf_read_token takes them off.
  escape: (sign) => ({ '"': '"', "'": "'", '\\': '\\', t: '\t', r: '\r', n: '\n' })[sign],
};

interface NginxText {
  readonly format: FormatText;
  readonly escape: string;
}

/** Of `log_format name escape=json '…' '…';`, of its quoted parts alone, or of the bare text. */
function nginxText(given: string): NginxText {
  const directive = /^\s*log_format\s+[^\s;]+/.exec(given);
  if (directive !== null) return fromWords(given, wordsOf(given, directive[0].length, grammar));
  const escape = /^\s*escape=\w+\s+/.exec(given)?.[0] ?? '';
  const words = isQuoted(given.slice(escape.length)) ? wordsOf(given, 0, grammar) : [];
  if (words.length > 0) return fromWords(given, words);
  const { text, columns } = plainText(given);
  return {
    format: { text: text.slice(escape.length), columns: columns.slice(escape.length) },
    escape: escapeOf(escape.trim(), 1),
  };
}

/** Parts in quotes and nothing else. `"$request" "$status"` in one line is text that has quotes of its own. */
function isQuoted(given: string): boolean {
  if (!/^\s*['"]/.test(given)) return false;
  let words;
  try {
    words = wordsOf(given, 0, grammar);
  } catch {
    return false;
  }
  return (
    words.every(({ quote }) => quote !== '') &&
    (words.length === 1 || words[0]!.quote === "'" || given.trim().includes('\n'))
  );
}

function fromWords(given: string, words: ReturnType<typeof wordsOf>): NginxText {
  const [first] = words;
  const named = first !== undefined && first.quote === '' && first.text.startsWith('escape=');
  const format = joined(named ? words.slice(1) : words);
  if (format.text === '') refuse(given.length + 1, 'nothing', 'the format in quotes');
  return { format, escape: named ? escapeOf(first.text, first.column) : 'default' };
}

function escapeOf(text: string, column: number): string {
  const escape = text === '' ? 'default' : text.slice('escape='.length);
  if (!['default', 'json', 'none'].includes(escape)) refuse(column, text, 'escape=default, escape=json or escape=none');
  return escape;
}

export function compileNginx(given: string): Pattern {
  const { format, escape } = nginxText(given);
  const parts: Part[] = [];
  for (let at = 0; at < format.text.length;) {
    const column = format.columns[at]!;
    if (format.text.charAt(at) !== '$') {
      parts.push(format.text.charAt(at));
      at += 1;
      continue;
    }
    const { name, end } = nameAt(format.text, at, column);
    parts.push({ name: `$${name}`, extra: name, meaning: meaningOf(name), column });
    at = end;
  }
  return patternOf(parts, { escaped: escape !== 'none', absent: escape === 'default' ? '-' : '' });
}

/** `$name` or `${name}`. */
function nameAt(text: string, at: number, column: number): { readonly name: string; readonly end: number } {
  // A question mark and what follows it stand together: `$is_args$args`.
  if (text.startsWith('$is_args$args', at)) return { name: 'is_args$args', end: at + '$is_args$args'.length };
  const braced = text.charAt(at + 1) === '{';
  const from = at + (braced ? 2 : 1);
  let end = from;
  while (end < text.length && isNameSign(text.charCodeAt(end))) end += 1;
  if (end === from) refuse(column, JSON.stringify(text.slice(at, from + 1)), 'the name of a variable behind $');
  if (braced && text.charAt(end) !== '}') refuse(column, text.slice(at, end), 'the } that closes it');
  return { name: text.slice(from, end), end: braced ? end + 1 : end };
}

function isNameSign(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 95 || ((code | 32) >= 97 && (code | 32) <= 122);
}

/** Of several tries at servers upstream it is a list, `0.001, 0.020 : 0.003`, which stays text. */
const upstreamTime: Meaning = {
  claims: ['upstreamMs'],
  rank: 0,
  put: (reading, text) => {
    const value = numberOf(text);
    if (Number.isNaN(value)) reading.extra('upstream_response_time', text);
    else reading.fields.upstreamMs = scaled(value, 1_000);
  },
};

const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['remote_addr', textMeaning('remote')],
  ['realip_remote_addr', textMeaning('remote', 1)],
  ['remote_port', numberMeaning('remotePort')],
  ['remote_user', textMeaning('user')],
  ['time_local', timeMeaning(clf)],
  ['time_iso8601', timeMeaning(iso)],
  ['msec', timeMeaning(epochSeconds)],
  ['request', requestMeaning],
  ['request_method', textMeaning('method', 1)],
  ['request_uri', targetMeaning],
  ['uri', pathMeaning],
  ['document_uri', pathMeaning],
  ['args', queryMeaning],
  ['query_string', queryMeaning],
  ['is_args', nothing],
  ['is_args$args', queryMeaning],
  ['server_protocol', textMeaning('protocol', 1)],
  ['status', numberMeaning('status')],
  ['body_bytes_sent', numberMeaning('bytes')],
  ['bytes_sent', numberMeaning('bytes', { rank: 1 })],
  ['request_length', numberMeaning('bytesIn')],
  ['request_time', numberMeaning('durationMs', { unit: 1_000 })],
  ['upstream_response_time', upstreamTime],
  // No variable of nginx: a map's, or ours for what nginx did not write.
  ['duration_ms', numberMeaning('durationMs', { rank: 1 })],
  ['host', textMeaning('host', 1)],
  ['server_name', textMeaning('host', 2)],
  ['server_port', numberMeaning('port')],
  ['scheme', textMeaning('scheme')],
  ['request_id', textMeaning('requestId')],
  ['proxy_add_x_forwarded_for', textMeaning('forwardedFor', 1)],
]);

function meaningOf(name: string): Meaning {
  const header = name.startsWith('http_') ? headerMeaning(name.slice('http_'.length)) : undefined;
  return meanings.get(name) ?? header ?? extraMeaning(name);
}
