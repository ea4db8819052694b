// program: events that programs give: in process (`record` of the library), by `tributary record` from standard input. There
// is nothing to read: what a program gives is committed before it is answered (src/door), as records in a page like any
// other, so that `events`, `verify`, redrive and a removal know no difference. A sync of such a source finds nothing new.
import { z } from 'zod';
import type { EventDraft } from '../../domain/event.js';
import { defineSource } from '../../domain/source.js';
import { draftOf, FieldRejected } from './given-event.js';

const options = z.strictObject({
  versions: z
    .enum(['number', 'time', 'text'], 'expected "number", "time" or "text"')
    .default('number')
    .describe('how versions of an entity follow each other; fixed when the source is created'),
});
type Options = z.infer<typeof options>;

const cursor = z.strictObject({ v: z.literal(1) });
type Cursor = z.infer<typeof cursor>;

export const program = defineSource<Options, Cursor>({
  type: 'program',
  summary: 'events that programs give: in process, or by `tributary record` from standard input',
  options,
  origin: ({ versions }) => `programs, versions by ${versions}`,
  defaultId: () => 'program/events',
  cursor,
  initialCursor: { v: 1 },
  mapperVersion: 1,
  versionOrderBy: ({ versions }) => versions,
  prepare: async () => ({ cursor: { v: 1 }, nothingNew: true }),
  // eslint-disable-next-line require-yield
  async *read() {},
  toEvents: (record) => [draftOfRecord(record)],
});

/** Throws FieldRejected. */
export function draftOfRecord(record: Uint8Array): EventDraft {
  return draftOf(parsed(record));
}

function parsed(record: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(record.buffer, record.byteOffset, record.byteLength).toString());
  } catch (error) {
    throw new FieldRejected('', `the event is no JSON: ${(error as Error).message.slice(0, 80)}`, 'not_json');
  }
}

/** By the codes of the stages; the mapper says its own. */
const fields: Readonly<Record<string, string>> = {
  bad_type: 'type',
  bad_id: 'id',
  bad_version: 'version',
  too_deep: 'data',
  too_large: 'data',
};

/** Which field of a refused event it is about; empty where it is none. */
export function fieldOf(record: Uint8Array, code: string): string {
  try {
    draftOfRecord(record);
  } catch (error) {
    return error instanceof FieldRejected ? error.field : '';
  }
  return fields[code] ?? 'data';
}
