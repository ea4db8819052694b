// What the variables of formats tell, in one vocabulary: a source of a field, with its rank where several tell the same.
import type { LogFields } from './line.js';
import type { Piece } from './pattern.js';
import type { Reading } from './reading.js';
import type { TimeForm } from './time-forms.js';

/** What a variable of a format means. */
export interface Meaning {
  /** Fields it sets, of which each is set by one variable of a format: the one with the lowest rank. */
  readonly claims: readonly string[];
  readonly rank: number;
  readonly put: Piece['put'];
  readonly numeric?: boolean | undefined;
  readonly time?: TimeForm | undefined;
}

type TextField = { [K in keyof LogFields]: LogFields[K] extends string | undefined ? K : never }[keyof LogFields];
type NumberField = { [K in keyof LogFields]: LogFields[K] extends number | undefined ? K : never }[keyof LogFields];

export function textMeaning(field: TextField, rank = 0): Meaning {
  return { claims: [field], rank, put: (reading, text) => void (reading.fields[field] = text) };
}

/** `unit` of it is one of the field: milliseconds in a second. */
export function numberMeaning(field: NumberField, { rank = 0, unit = 1 } = {}): Meaning {
  const put: Piece['put'] = (reading, text) => {
    const value = reading.number(text, field);
    reading.fields[field] = value === undefined || unit === 1 ? value : scaled(value, unit);
  };
  return { claims: [field], rank, put, numeric: true };
}

/** To a thousandth, as 1.005 × 1000 is 1004.9999999999999. */
export function scaled(value: number, unit: number): number {
  return Math.round(value * unit * 1_000) / 1_000;
}

export const requestMeaning: Meaning = {
  claims: ['target', 'method', 'protocol'],
  rank: 0,
  put: (reading, text) => reading.request(text),
};

export const targetMeaning: Meaning = { claims: ['target'], rank: 1, put: (reading, text) => reading.target(text) };
export const pathMeaning: Meaning = {
  claims: ['target'],
  rank: 2,
  put: (reading, text) => void (reading.fields.path = text),
};

/** `a=b`, or `?a=b`. */
export const queryMeaning: Meaning = {
  claims: ['query'],
  rank: 0,
  put: (reading, text) => {
    if (text !== '') reading.fields.query = text.startsWith('?') ? text.slice(1) : text;
  },
};

export function timeMeaning(time: TimeForm): Meaning {
  return { claims: [], rank: 0, put: () => {}, time };
}

/** What has no field of its own. */
export function extraMeaning(name: string): Meaning {
  return { claims: [], rank: 0, put: (reading, text) => reading.extra(name, text) };
}

/** Read and not told. */
export const nothing: Meaning = { claims: [], rank: 0, put: () => {} };

/** A variable where it stands in a format. */
export interface Variable {
  readonly name: string;
  /** Its name in `extra`, where another one tells the same better. */
  readonly extra: string;
  readonly meaning: Meaning;
  readonly column: number;
}

/** Of variables that tell the same, the one with the lowest rank, and the first of equals, sets the field. */
export function settled(variables: readonly Variable[]): Meaning[] {
  const winners = new Map<string, Variable>();
  for (const variable of variables)
    for (const claim of variable.meaning.claims) {
      const before = winners.get(claim);
      if (before === undefined || variable.meaning.rank < before.meaning.rank) winners.set(claim, variable);
    }
  return variables.map(({ meaning, extra }, at) =>
    meaning.claims.length === 0 || meaning.claims.some((claim) => winners.get(claim) === variables[at])
      ? meaning
      : { ...extraMeaning(extra), numeric: meaning.numeric },
  );
}

/** A header as a field, where it has one. */
const headers: ReadonlyMap<string, Meaning> = new Map([
  ['referer', textMeaning('referer')],
  ['user-agent', textMeaning('userAgent')],
  ['host', textMeaning('host')],
  ['x-forwarded-for', textMeaning('forwardedFor')],
  ['x-request-id', textMeaning('requestId', 1)],
]);

export function headerMeaning(name: string): Meaning | undefined {
  return headers.get(name.toLowerCase().replaceAll('_', '-'));
}

export type Put = (reading: Reading, text: string) => void;
