// A source of one's own: the lines of a file that only grows. As a module: TRIBUTARY_EXTENSIONS=./source.js
import { open, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { defineSource, NeedsAttention, RecordRejected, sourceIdFrom, z } from 'tributary-events';

const chunkBytes = 4_096;

export const lines = defineSource({
  type: 'acme-lines',
  summary: 'the lines of a file that only grows',
  argument: 'path',
  options: z.strictObject({ path: z.string().min(1).describe('the file') }),
  origin: ({ path }) => path,
  defaultId: ({ path }) => sourceIdFrom(`lines/${basename(path)}`),
  cursor: z.strictObject({ v: z.literal(1), offset: z.int().min(0), end: z.int().min(0) }),
  initialCursor: { v: 1, offset: 0, end: 0 },
  mapperVersion: 1,
  events: [
    { type: 'acme.line', summary: 'a line', stability: 'experimental', about: ({ data }) => String(data['text']) },
  ],

  // What this run reads: up to where the file ends now.
  async prepare({ options }, { offset }) {
    const found = await stat(options.path).catch(() => null);
    if (found === null) throw new NeedsAttention('no_file', `${options.path} is not there; put it back`);
    return { cursor: { v: 1, offset, end: found.size } };
  },

  // From any cursor it ever gave, the same records again. A record begins with its place, which tells equal lines apart.
  async *read({ options, signal }, { offset, end }) {
    const file = await open(options.path);
    try {
      while (offset < end) {
        signal.throwIfAborted();
        const { buffer, bytesRead } = await file.read(
          Buffer.alloc(Math.min(chunkBytes, end - offset)),
          0,
          null,
          offset,
        );
        const whole = buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(10) + 1);
        if (whole.length === 0) return; // Half a line waits for the next run.
        const records = recordsOf(whole, offset);
        offset += whole.length;
        yield { records, cursor: { v: 1, offset, end } };
      }
    } finally {
      await file.close();
    }
  },

  // Pure: the same record gives the same events. What is no event becomes a dead letter; its neighbours go on.
  toEvents(record) {
    const [, place, text] = /^(\d+) (.*)$/s.exec(Buffer.from(record).toString()) ?? [];
    if (place === undefined || text === undefined || text === '')
      throw new RecordRejected('empty', 'the line is empty');
    return [{ type: 'acme.line', identity: { kind: 'immutable', key: place }, subject: place, data: { text } }];
  },
});

function recordsOf(bytes: Buffer, offset: number): Buffer[] {
  let at = offset;
  return bytes
    .toString()
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const record = Buffer.from(`${at} ${line}`);
      at += Buffer.byteLength(line) + 1;
      return record;
    });
}

export const sources = [lines];
