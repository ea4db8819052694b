// key=value pairs, as Heroku and many programs in Go write them. A value with blanks stands in quotes and is escaped.
import type { Json } from '../../../domain/event.js';
import type { LogLine } from './line.js';
import { readNamed } from './json-line.js';
import { malformed, Reading } from './reading.js';
import { endAt } from './scan.js';
import type { Zone } from './zone.js';

const space = 32;
const equals = 61;
const quote = 34;

export function readLogfmt(text: string, ascii: boolean, zone: Zone): LogLine {
  const reading = new Reading(text, ascii, true, zone);
  const pairs: [string, Json][] = [];
  const words: string[] = [];
  for (let at = skipBlanks(text, 0); at < text.length; at = skipBlanks(text, at)) {
    const keyEnd = endOfWord(text, at, true);
    if (text.charCodeAt(keyEnd) !== equals || keyEnd === at) {
      const end = endOfWord(text, at, false);
      words.push(reading.cut(at, end));
      at = end;
      continue;
    }
    const quoted = text.charCodeAt(keyEnd + 1) === quote;
    const from = keyEnd + (quoted ? 2 : 1);
    const end = quoted ? endAt(text, '"', from, true) : endOfWord(text, from, false);
    if (end < 0) return malformed(text, ascii, keyEnd + 2, 'the quote that closes the value');
    pairs.push([reading.cut(at, keyEnd), reading.cut(from, end)]);
    at = quoted ? end + 1 : end;
  }
  if (pairs.length === 0) return malformed(text, ascii, 1, 'pairs like status=200');
  // What stands before the pairs (a syslog's head) or among them.
  if (words.length > 0) reading.extra('words', words.join(' '));
  return readNamed(reading, Object.fromEntries(pairs), 'any');
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charCodeAt(at) <= space) at += 1;
  return at;
}

function endOfWord(text: string, from: number, isKey: boolean): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= space || (isKey && code === equals)) break;
  }
  return at;
}
