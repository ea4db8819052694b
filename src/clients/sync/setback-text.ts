// One thing that holds a sync up, as a line for people.
import { amount, duration } from '../terminal/figures.js';

export interface Setback {
  readonly source: string;
  /** The activity's type, `workflow task`, or `turn`. */
  readonly step: string;
  /** Times it failed; 0: it waits for a worker, or for its turn. */
  readonly failed: number;
  /** Tries it has in all; null: as many as it takes. */
  readonly triesMax: number | null;
  readonly code: string | null;
  readonly message: string;
  /** When it is tried next, ISO 8601; null: now. */
  readonly nextAt: string | null;
}

/** Of the sources in line only some are named: there may be a thousand. */
const inLineNamed = 3;

export function setbackLines(setbacks: readonly Setback[]): string[] {
  const inLine = setbacks.filter(({ code }) => code === 'in_line');
  if (inLine.length <= inLineNamed) return setbacks.map(setbackText);
  const named = inLine.slice(0, inLineNamed).map(({ source }) => source);
  return [
    ...setbacks.filter(({ code }) => code !== 'in_line').map(setbackText),
    `${named.join(', ')} and ${inLine.length - inLineNamed} more wait for their turn: many started at once`,
  ];
}

export function setbackText({ source, step, failed, triesMax, code, message, nextAt }: Setback): string {
  const reason = code === null || message.includes(code) ? message : `${code}: ${message}`;
  if (failed === 0) return `${source} · ${step} waits: ${reason}`;
  const tries = `failed ${amount(failed, 'time')}${triesMax === null ? '' : ` of at most ${triesMax}`}`;
  const next =
    nextAt === null ? 'tried again now' : `next try in ${duration(Math.max(0, Date.parse(nextAt) - Date.now()))}`;
  return `${source} · ${step} ${tries} (${reason}); ${next}`;
}
