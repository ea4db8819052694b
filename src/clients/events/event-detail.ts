// One event in words: what it is, where it came from, and all of its data.
import { priorities } from '../../domain/event.js';
import { letterName } from '../../domain/letter-key.js';
import type { EventRow } from '../../store/reading/search-events.js';
import { safeBytes } from '../terminal/safe-bytes.js';
import { printable, type Terminal } from '../terminal/terminal.js';

export function eventDetail(event: EventRow, { style }: Terminal): string[] {
  const facts: readonly (readonly [string, string | null])[] = [
    ['id', event.id],
    ['subject', event.subject],
    ['time', event.time],
    ['stored', event.ingestedAt],
    ['priority', priorityName(event.priority)],
    ['version', event.entity === null ? null : `${event.version} of ${event.entity}`],
    ['flags', event.flags?.join(', ') ?? null],
    ['hash', event.contentHash],
    ['key', letterName(event)],
  ];
  return [
    style.bold(printable(`${event.type} of ${event.source}`)),
    ...facts.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(8)}  ${printable(value)}`])),
    ...block('data', event.data),
    ...(event.enrichment === null ? [] : block('enrichment', event.enrichment)),
  ];
}

function priorityName(priority: number): string {
  const [name] = Object.entries(priorities).find(([, value]) => value === priority) ?? [];
  return name === undefined ? String(priority) : `${priority} ${name}`;
}

function block(title: string, value: unknown): string[] {
  const { lines } = safeBytes(Buffer.from(JSON.stringify(value, null, 2)), Number.POSITIVE_INFINITY);
  return [`  ${title}`, ...lines.map((line) => `    ${line}`)];
}
