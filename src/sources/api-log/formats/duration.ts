// `12ms`, `1m2.5s`, `450µs`: as Go and Heroku write a duration.
import { numberOf } from './scan.js';
import { scaled } from './variables.js';

const units: Readonly<Record<string, number>> = {
  ns: 0.000_001,
  us: 0.001,
  µs: 0.001,
  μs: 0.001,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const charsMax = 40;

/** Undefined: it is none. */
export function durationMs(text: string): number | undefined {
  if (text === '' || text.length > charsMax) return undefined;
  let sum = 0;
  for (let at = 0; at < text.length;) {
    const digits = endOf(text, at, isDigit);
    const unit = endOf(text, digits, (code) => !isDigit(code));
    const value = numberOf(text.slice(at, digits)) * (units[text.slice(digits, unit)] ?? NaN);
    if (Number.isNaN(value)) return undefined;
    sum += value;
    at = unit;
  }
  return scaled(sum, 1);
}

function endOf(text: string, from: number, holds: (code: number) => boolean): number {
  let at = from;
  while (at < text.length && holds(text.charCodeAt(at))) at += 1;
  return at;
}

function isDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || code === 46;
}
