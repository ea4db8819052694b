// A format as people have it in their configuration: the whole directive, its quoted value, or the bare text.
import { InvalidInput } from '../../../domain/errors.js';

/** A format's own text, with the place of each character in what was given. */
export interface FormatText {
  readonly text: string;
  /** From 1. */
  readonly columns: readonly number[];
}

/** One word of a configuration, with its quotes taken off. */
export interface Word extends FormatText {
  readonly quote: '"' | "'" | '';
  readonly column: number;
}

const blanks = ' \t\r\n';

export function refuse(column: number, found: string, expected: string): never {
  throw new InvalidInput('format', `column ${column}: found ${found}, expected ${expected}`);
}

export function plainText(given: string): FormatText {
  return { text: given, columns: Array.from({ length: given.length }, (_, at) => at + 1) };
}

/** Ends of words of one kind of configuration. */
export interface Grammar {
  /** `;` of nginx, which ends a directive. */
  readonly terminator: string;
  /** Begins a comment up to the end of its line. */
  readonly comment: string;
  /** What a backslash and this sign stand for; undefined: both stay. */
  readonly escape: (sign: string, quote: string) => string | undefined;
}

/** The words of a directive, in order. */
export function wordsOf(given: string, from: number, grammar: Grammar): Word[] {
  const words: Word[] = [];
  for (let at = from; at < given.length;) {
    const sign = given.charAt(at);
    if (blanks.includes(sign)) at += 1;
    else if (sign === '\\' && '\r\n'.includes(given.charAt(at + 1) || ' ')) at += 2;
    else if (sign === grammar.terminator) break;
    else if (sign === grammar.comment) at = lineEnd(given, at);
    else {
      const { word, end } = wordAt(given, at, grammar);
      words.push(word);
      at = end;
    }
  }
  return words;
}

function lineEnd(given: string, at: number): number {
  const end = given.indexOf('\n', at);
  return end < 0 ? given.length : end;
}

function wordAt(given: string, from: number, grammar: Grammar): { readonly word: Word; readonly end: number } {
  const first = given.charAt(from);
  const quote = first === '"' || first === "'" ? first : '';
  const columns: number[] = [];
  let text = '';
  let at = quote === '' ? from : from + 1;
  for (; at < given.length; at++) {
    let sign = given.charAt(at);
    const column = at + 1;
    if (quote === '' ? blanks.includes(sign) || sign === grammar.terminator : sign === quote) break;
    if (sign === '\\' && at + 1 < given.length) {
      const stands = escapeAt(given, at, quote, grammar);
      if (stands !== undefined) [sign, at] = [stands, at + 1];
    }
    text += sign;
    for (let put = 0; put < sign.length; put++) columns.push(column);
  }
  if (quote !== '' && at >= given.length) refuse(from + 1, `an open ${quote}`, `the ${quote} that closes it`);
  return { word: { text, columns, quote, column: from + 1 }, end: quote === '' ? at : at + 1 };
}

/** A backslash at the end of a line joins it with the next. */
function escapeAt(given: string, at: number, quote: string, grammar: Grammar): string | undefined {
  const sign = given.charAt(at + 1);
  return sign === '\n' ? '' : grammar.escape(sign, quote);
}

export function joined(words: readonly FormatText[]): FormatText {
  return { text: words.map(({ text }) => text).join(''), columns: words.flatMap(({ columns }) => columns) };
}
