// What was changed of a source, in words.
import type { Changed } from '../../domain/source-revision.js';
import { printable } from '../terminal/terminal.js';

const charsMax = 60;

/** `pollIntervalMs default → 10000, options.maxCommits 5 → default` */
export function changedText(changed: Changed): string {
  return Object.entries(changed)
    .map(([field, [from, to]]) => `${field} ${valueText(from)} → ${valueText(to)}`)
    .join(', ');
}

export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'default';
  return printable(typeof value === 'string' ? value : JSON.stringify(value), charsMax);
}

/** What a run that is at work takes up with its next look. */
const atNextLook = ['pollIntervalMs', 'batch.events', 'batch.bytes', 'batch.inFlight'];

/** When it holds for a source that is being read. */
export function whenText(changed: Changed): string {
  const fields = Object.keys(changed);
  const later = laterFields(fields);
  if (later.length === 0) return 'from its next look on';
  return later.length === fields.length
    ? 'from its next run on'
    : `${later.join(', ')} from its next run on, the rest from its next look on`;
}

/** Those that a run which is at work does not take up. */
export function laterFields(fields: readonly string[]): string[] {
  return fields.filter((field) => !atNextLook.includes(field) && field !== 'rawRetentionDays');
}

export function isAny(changed: Changed): boolean {
  return Object.keys(changed).length > 0;
}
