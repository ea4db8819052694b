// The recordings of a hub of doorbells: a folder with a file of JSON lines for each device, which only grows. Each device is
// a stream: one whose file cannot be read is named, and the others go on.
import { open, readdir, stat } from 'node:fs/promises';
import { basename, isAbsolute, join } from 'node:path';
import { defineStreams, NeedsAttention, sourceIdFrom, z } from 'tributary-events';
import { eventsOf, eventTypes } from './events.js';

const ending = '.jsonl';

export const doorbell = defineStreams({
  type: 'doorbell',
  summary: 'what the doorbells of a house saw, from the recordings of their hub',
  argument: 'path',
  options: z.strictObject({
    path: z.string().refine(isAbsolute, 'expected an absolute path').describe('the folder of recordings'),
    chunkBytes: z.int().min(64).max(1_048_576).default(65_536).describe('bytes read at once; no line may be longer'),
  }),
  origin: ({ path }) => path,
  defaultId: ({ path }) => sourceIdFrom(`doorbell/${basename(path)}`),
  mapperVersion: 1,
  // The hub writes an event again when it did not hear that the first one arrived.
  overlaps: true,
  events: eventTypes,
  position: z.strictObject({ v: z.literal(1), offset: z.int().min(0) }),
  initialPosition: { v: 1, offset: 0 },

  async list({ options }) {
    const found = await readdir(options.path, { withFileTypes: true }).catch(() => null);
    if (found === null)
      throw new NeedsAttention('no_folder', `${options.path} cannot be read; put it back, or remove the source`);
    // A pipe of that name would be waited for without end.
    const files = found.filter((entry) => entry.isFile() && entry.name.endsWith(ending));
    return files.map(({ name }) => name.slice(0, -ending.length));
  },

  // The cheap look of a follower: nothing is opened. A file that became shorter is news, too.
  async hasNews({ options, stream }, { offset }) {
    return (await stat(fileOf(options, stream))).size !== offset;
  },

  // From any position it ever gave, the same lines again.
  async *read({ options, stream, signal }, { offset }) {
    const file = await opened(fileOf(options, stream));
    try {
      const { size } = await file.stat();
      if (size < offset)
        throw new NeedsAttention(
          'recording_shorter',
          `${stream}${ending} has ${size} bytes, and ${offset} were read; put the old file back, or sync the folder under a new id`,
        );
      for (let at = offset; at < size;) {
        signal.throwIfAborted();
        const bytes = await wholeLines(file, at, Math.min(options.chunkBytes, size - at));
        if (bytes.length === 0 && size - at < options.chunkBytes) return; // Half a line waits for the next look.
        if (bytes.length === 0)
          throw new NeedsAttention('long_line', `a line of ${stream}${ending} has over ${options.chunkBytes} bytes`);
        at += bytes.length;
        yield { records: linesOf(bytes), position: { v: 1, offset: at } };
      }
    } finally {
      await file.close();
    }
  },

  toEvents: (record, { stream }) => eventsOf(record, stream),
});

/** @param {{ path: string }} options @param {string} stream */
function fileOf({ path }, stream) {
  return join(path, `${stream}${ending}`);
}

/** What no further try can change is for a person; a machine that is short of files is asked again. @param {string} path */
async function opened(path) {
  try {
    return await open(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new NeedsAttention('not_readable', `${path} may not be read (${code}); give the worker's user the right to`);
  }
}

/** Up to the last end of a line. @param {import('node:fs/promises').FileHandle} file @param {number} at @param {number} length */
async function wholeLines(file, at, length) {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, at);
  return buffer.subarray(0, buffer.subarray(0, bytesRead).lastIndexOf(10) + 1);
}

/** Bytes as they came: what is no UTF-8 is for the mapper to say. @param {Buffer} bytes */
function linesOf(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    if (end > at) lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  return lines;
}
