// Apache's LogFormat (mod_log_config of 2.4), compiled: https://httpd.apache.org/docs/2.4/mod/mod_log_config.html
import { joined, plainText, refuse, wordsOf, type FormatText, type Grammar } from './config-text.js';
import { patternOf, type Part } from './pattern-parts.js';
import type { Pattern } from './pattern.js';
import { strftimeForm } from './strftime.js';
import { clf, epochMicros, epochMillis, epochSeconds } from './time-forms.js';
import {
  extraMeaning,
  headerMeaning,
  numberMeaning,
  pathMeaning,
  queryMeaning,
  requestMeaning,
  textMeaning,
  timeMeaning,
  type Meaning,
  type Variable,
} from './variables.js';

const grammar: Grammar = {
  terminator: '\n',
  comment: '#',
  // Apache takes the backslash off before the quote and before itself, nothing else.
  escape: (sign, quote) => (sign === '\\' || (sign === quote && quote !== '') ? sign : undefined),
};

/** The format's own text, of `LogFormat "…" name`, of `"…"`, or of the bare text. */
function formatText(given: string): FormatText {
  const start = given.length - given.trimStart().length;
  const directive = /^\s*LogFormat\s+/i.exec(given);
  const words = wordsOf(given, directive === null ? start : directive[0].length, grammar);
  if (directive !== null) return words[0] ?? refuse(given.length + 1, 'nothing', 'the format behind LogFormat');
  if (words.length === 1 && words[0]!.quote !== '') return words[0]!;
  return given.includes('\\"') && !/(^|[^\\])"/.test(given) ? joined(unquoted(given)) : plainText(given);
}

/** The inside of a quoted value, without its quotes. */
function unquoted(given: string): FormatText[] {
  return wordsOf(`"${given}"`, 0, grammar).map(({ text, columns }) => ({
    text,
    columns: columns.map((column) => column - 1),
  }));
}

export function compileApache(given: string): Pattern {
  const { text, columns } = formatText(given);
  const parts: Part[] = [];
  for (let at = 0; at < text.length;) {
    const sign = text.charAt(at);
    if (sign === '%') {
      const read = directiveAt(text, at, columns[at]!);
      parts.push(...read.parts);
      at = read.end;
    } else {
      const escape = sign === '\\' ? { n: '\n', t: '\t' }[text.charAt(at + 1)] : undefined;
      parts.push(escape ?? sign);
      at += escape === undefined ? 1 : 2;
    }
  }
  return patternOf(parts, true);
}

interface Read {
  readonly parts: readonly Part[];
  readonly end: number;
}

/** `%`, status codes and `<` or `>` in any order, `{argument}`, a letter; `^ti` and `^to` are trailers. */
function directiveAt(text: string, start: number, column: number): Read {
  let at = start + 1;
  let original = false;
  let argument: string | undefined;
  for (; at < text.length; at++) {
    const sign = text.charAt(at);
    if (sign === '<') original = true;
    else if (sign === '>') original = false;
    else if (sign === '{') {
      const close = text.indexOf('}', at);
      if (close < 0) refuse(column, text.slice(start, at + 1), 'the } that closes it');
      argument = text.slice(at + 1, close);
      at = close;
    } else if (!/[\d!,]/.test(sign)) break;
  }
  const letter = text.charAt(at) === '^' ? text.slice(at, at + 3) : text.charAt(at);
  const written = text.slice(start, at + letter.length);
  if (letter === '%') return { parts: ['%'], end: at + 1 };
  return { parts: partsOf(letter, argument, { written, column, original }), end: at + letter.length };
}

interface Place {
  readonly written: string;
  readonly column: number;
  /** `<`: of the request before an internal redirect. */
  readonly original: boolean;
}

function partsOf(letter: string, argument: string | undefined, place: Place): Part[] {
  const variable = (meaning: Meaning, extra: string): Variable => ({
    name: place.written,
    extra,
    meaning,
    column: place.column,
  });
  if (letter === 't') return timeParts(argument, place, variable);
  const meaning = argument === undefined ? simple(letter, place.original) : withArgument(letter, argument, place);
  if (meaning === undefined)
    refuse(place.column, place.written, "a directive of Apache's LogFormat (%h, %u, %t, %r, %>s, %b, %{Referer}i …)");
  return [variable(meaning, extraName(letter, argument))];
}

const simpleMeanings: ReadonlyMap<string, Meaning> = new Map([
  ['h', textMeaning('remote', 1)],
  ['a', textMeaning('remote')],
  ['A', extraMeaning('local_address')],
  ['B', numberMeaning('bytes')],
  ['b', numberMeaning('bytes')],
  ['O', numberMeaning('bytes', { rank: 1 })],
  ['I', numberMeaning('bytesIn')],
  ['S', numeric('bytes_transferred')],
  ['D', numberMeaning('durationMs', { unit: 0.001 })],
  ['T', numberMeaning('durationMs', { unit: 1_000, rank: 2 })],
  ['f', extraMeaning('filename')],
  ['H', textMeaning('protocol', 1)],
  ['k', numeric('keepalive')],
  ['l', extraMeaning('ident')],
  ['L', extraMeaning('log_id')],
  ['m', textMeaning('method', 1)],
  ['p', numberMeaning('port')],
  ['P', numeric('pid')],
  ['q', queryMeaning],
  ['r', requestMeaning],
  ['R', extraMeaning('handler')],
  ['s', numberMeaning('status')],
  ['u', textMeaning('user')],
  ['U', pathMeaning],
  ['v', textMeaning('host', 2)],
  ['V', textMeaning('host', 1)],
  ['X', extraMeaning('connection')],
]);

function numeric(name: string): Meaning {
  return { ...extraMeaning(name), numeric: true };
}

/** Unless told otherwise, %s, %U, %T, %D and %r speak of the original request; a log has one status, `%>s` if it is there. */
function simple(letter: string, original: boolean): Meaning | undefined {
  const meaning = simpleMeanings.get(letter);
  return letter === 's' && original ? { ...meaning!, rank: 1 } : meaning;
}

const units: Readonly<Record<string, number>> = { ms: 1, us: 0.001, s: 1_000 };
const prefixes: Readonly<Record<string, string>> = {
  i: 'request_',
  o: 'response_',
  e: 'env_',
  n: 'note_',
  C: 'cookie_',
  '^ti': 'request_trailer_',
  '^to': 'response_trailer_',
  c: 'tls_',
  x: 'tls_',
};

function withArgument(letter: string, argument: string, place: Place): Meaning | undefined {
  if (letter === 'T') {
    const unit = units[argument];
    if (unit === undefined) refuse(place.column, place.written, '%{ms}T, %{us}T or %{s}T');
    return numberMeaning('durationMs', { unit, rank: argument === 's' ? 2 : 0 });
  }
  if (letter === 'p') return argument === 'remote' ? numberMeaning('remotePort') : numberMeaning('port');
  if (letter === 'a' || letter === 'h') return textMeaning('remote', argument === 'c' ? 2 : 0);
  if (letter === 'P') return extraMeaning(argument);
  if (letter === 'i') return headerMeaning(argument) ?? extraMeaning(extraName(letter, argument));
  return prefixes[letter] === undefined ? undefined : extraMeaning(extraName(letter, argument));
}

const otherNames: Readonly<Record<string, string>> = {
  s: 'original_status',
  O: 'bytes_sent',
  h: 'remote_host',
  T: 'seconds',
  v: 'server_name',
  V: 'server_name',
  a: 'peer',
  H: 'protocol',
  m: 'method',
  U: 'path',
  q: 'query',
};

/** `request_accept-language`, `response_content-type`; without an argument the directive's letter by a word. */
function extraName(letter: string, argument: string | undefined): string {
  const prefix = argument === undefined ? undefined : prefixes[letter];
  if (prefix !== undefined) return `${prefix}${argument!.toLowerCase()}`;
  return otherNames[letter] ?? letter;
}

type MakeVariable = (meaning: Meaning, extra: string) => Variable;

/** `%t` writes its brackets itself; `%{…}t` is strftime, or a part of the Unix clock, of the request's begin or end. */
function timeParts(argument: string | undefined, place: Place, variable: MakeVariable): Part[] {
  if (argument === undefined || argument === '') return ['[', variable(timeMeaning(clf), 'time'), ']'];
  const form = argument.replace(/^(begin|end):/, '');
  if (form === '') return ['[', variable(timeMeaning(clf), 'time'), ']'];
  const epoch = { sec: epochSeconds, msec: epochMillis, usec: epochMicros }[form];
  return [variable(timeMeaning(epoch ?? strftimeForm(form, place.column, place.written)), 'time')];
}
