// Reads an export to its end, as an engine would: what it gave, and which of its streams are in trouble.
import { join } from 'node:path';
import type { EventDraft } from '../../../src/domain/event.js';
import { isRecordRejected, type Chunk, type Source } from '../../../src/domain/source.js';
import { slackExport } from '../../../src/sources/slack-export/index.js';
import { Reading } from '../../../src/testing/reading.js';
import { temporaryDirectory } from './exports.js';

export interface Given {
  /** `ts` of its messages, in the order of reading. */
  readonly messages: string[];
  readonly events: EventDraft[];
  readonly rejected: string[];
  /** Stream to its code and message. */
  readonly troubles: Record<string, string>;
}

export async function readExport(options: Record<string, unknown>): Promise<Given> {
  const source = slackExport as Source;
  const reading = new Reading({ source, options }, join(temporaryDirectory(), 'place'));
  await reading.prepare();
  const chunks = await reading.rest();
  const [events, rejected]: [EventDraft[], string[]] = [[], []];
  for (const { records, stream = null } of chunks)
    for (const record of records)
      try {
        events.push(...source.toEvents(record, { options: source.options.parse(options), stream }));
      } catch (error) {
        if (!isRecordRejected(error)) throw error;
        rejected.push(error.code);
      }
  const messages = events.filter(({ type }) => type === 'slack.message').map(({ data }) => data.ts as string);
  return { messages, events, rejected, troubles: troublesOf(chunks) };
}

function troublesOf(chunks: readonly Chunk<unknown>[]): Record<string, string> {
  const rows = chunks.flatMap(({ state = [] }) => state.filter(({ kind }) => kind === 'stream'));
  const last = new Map(
    rows.map(({ key, value }) => [key, value as { state: string; code?: string; message?: string }]),
  );
  return Object.fromEntries(
    [...last].flatMap(([key, { state, code, message }]) =>
      state === 'needs_attention' ? [[key, `${code}: ${message}`]] : [],
    ),
  );
}
