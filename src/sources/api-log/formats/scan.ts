// Small steps through a line. A line is a text with one character for each byte (latin1), so that places are places of bytes.

const quote = 34;
const backslash = 92;

/** Where `literal` stands at or after `from`; where it begins with a quote, one that is not escaped. -1: nowhere. */
export function endAt(text: string, literal: string, from: number, escaped: boolean): number {
  let at = text.indexOf(literal, from);
  if (!escaped || literal.charCodeAt(0) !== quote) return at;
  while (at > from && isEscaped(text, from, at)) at = text.indexOf(literal, at + 1);
  return at;
}

/** An odd number of backslashes stands before it. Runs of them do not overlap, so all calls on a line take its length. */
function isEscaped(text: string, from: number, at: number): boolean {
  let before = at;
  while (before > from && text.charCodeAt(before - 1) === backslash) before -= 1;
  return (at - before) % 2 === 1;
}

/** So many digits as a number, or -1. */
export function digitsAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let to = at; to < at + count; to++) {
    const digit = text.charCodeAt(to) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The number of hexadecimal digits, or -1. */
export function hexAt(text: string, at: number, count: number): number {
  let value = 0;
  for (let to = at; to < at + count; to++) {
    const digit = hexDigit(text.charCodeAt(to));
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** A number as logs write it, digits with at most one dot; NaN for anything else, and for what is no safe integer. */
export function numberOf(text: string): number {
  const { length } = text;
  if (length === 0 || length > 24) return NaN;
  let value = 0;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code === 46 && at > 0) return fractionOf(text, at);
    if (code < 48 || code > 57) return NaN;
    value = value * 10 + code - 48;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : NaN;
}

function fractionOf(text: string, dot: number): number {
  for (let at = dot + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return NaN;
  }
  return dot + 1 < text.length ? Number(text) : NaN;
}
