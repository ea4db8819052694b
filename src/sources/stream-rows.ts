// How a stream stands: a row of `source_state` (kind `stream`) that changes with the page that carries its records. The view
// `source_streams` shows it to people.
import { z } from 'zod';
import { isEngineError } from '../domain/errors.js';
import type { Json } from '../domain/event.js';
import type { SourceState, StatePatch } from '../domain/source-state.js';
import { stateRows } from '../domain/state-rows.js';

/** An error's text in a stream's row. */
const messageCharsMax = 500;

const kind = 'stream';

/** `ended`: the round in which it was read to its end, or given up. A round with nothing new leaves it. */
const row = z.looseObject({
  position: z.unknown(),
  state: z.enum(['reading', 'up_to_date', 'rate_limited', 'needs_attention', 'gone']),
  ended: z.int().nullable(),
  records: z.int(),
  code: z.string().optional(),
  message: z.string().optional(),
  until: z.string().optional(),
  since: z.string().optional(),
});
export type StreamRow = z.infer<typeof row>;

/** By the stream's name. */
export async function streamRows(state: SourceState): Promise<Map<string, StreamRow>> {
  const rows = new Map<string, StreamRow>();
  for await (const { key, value } of stateRows(state, kind)) rows.set(key, row.parse(value));
  return rows;
}

export function patch(name: string, value: StreamRow): StatePatch {
  return { kind, key: name, value: value as Json };
}

export function healthy({ position, ended, records }: StreamRow, state: StreamRow['state']): StreamRow {
  return { position, ended, records, state };
}

/** `since` stays as long as the state is the same. */
export function troubled(
  before: StreamRow,
  state: StreamRow['state'],
  trouble: Pick<StreamRow, 'code' | 'message' | 'until'>,
): StreamRow {
  const since = before.state === state && before.since !== undefined ? before.since : new Date().toISOString();
  return { ...healthy(before, state), ...trouble, since };
}

/** Its origin said when to come back, and that is not yet. */
export function isWaiting({ state, until }: StreamRow, now: number): boolean {
  return state === 'rate_limited' && until !== undefined && Date.parse(until) > now;
}

export function told(error: unknown): { code: string; message: string } {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, messageCharsMax);
  return { code: isEngineError(error) ? error.code : 'failed', message };
}
