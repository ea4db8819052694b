// A line mapped by the source, without an engine.
import { expect } from 'vitest';
import { hashAnyEvent } from '../../../src/domain/content-hash.js';
import type { EventDraft } from '../../../src/domain/event.js';
import { isRecordRejected } from '../../../src/domain/source.js';
import { options } from '../../../src/sources/jsonl/options.js';
import { toEvents } from '../../../src/sources/jsonl/to-events.js';

export function drafts(line: string | Uint8Array, given: object = {}): readonly EventDraft[] {
  const record = typeof line === 'string' ? Buffer.from(line) : line;
  return toEvents(record, options.parse({ path: '/tmp/a.jsonl', ...given }));
}

export function draft(line: string | Uint8Array, given: object = {}): EventDraft {
  const [first, ...others] = drafts(line, given);
  expect(others).toEqual([]);
  return first!;
}

/** The code of its refusal. */
export function refusal(line: string | Uint8Array, given: object = {}): string {
  try {
    drafts(line, given);
  } catch (error) {
    if (isRecordRejected(error)) return error.code;
    throw error;
  }
  return 'none';
}

export function idOf(line: string | Uint8Array, given: object = {}): string {
  const record = typeof line === 'string' ? Buffer.from(line) : line;
  return hashAnyEvent(draft(record, given), 0, record, 0, { source: 's' }).id;
}
