// api_log: the requests that access logs tell, from files that grow and are rotated.
//
// What rotation does (logrotate 3.x, newsyslog, rotatelogs): rename and create; copy and truncate, where lines that are written
// between the two are lost by its own words; numbers, dates; gzip at once or one rotation later (delaycompress). nginx writes
// to a renamed file until it is told to reopen its logs (USR1). How all that is told apart is in ../files.
import { z } from 'zod';
import type { Json } from '../../domain/event.js';
import { defineSource, type Chunk, type RawRecord, type SourceContext } from '../../domain/source.js';
import { fileLimits } from '../files/limits.js';
import { filesHaveNews, prepareFiles } from '../files/look.js';
import { newLines, type FileLines } from '../files/new-lines.js';
import { eventTypes } from './catalogue.js';
import { toEvents } from './events.js';
import { logFormatOf, type Layout, type LogFormat } from './formats/index.js';
import { createMask } from './masking.js';
import { defaultIdOf, options, originOf, type ApiLogOptions } from './options.js';
import { recordsIn } from './record.js';

/** How far each file was read is in rows; the cursor counts chunks, since each moves the position. */
const cursor = z.strictObject({ v: z.literal(1), chunks: z.int().min(0) });
type Cursor = z.infer<typeof cursor>;

export const apiLog = defineSource<ApiLogOptions, Cursor>({
  type: 'api_log',
  summary: 'requests of access logs: nginx, Apache, IIS, load balancers, JSON; files that grow and are rotated',
  events: eventTypes,
  argument: 'path',
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  cursor,
  initialCursor: { v: 1, chunks: 0 },
  mapperVersion: 1,
  prepare: async ({ state, options: { path } }, committed) => ({
    cursor: committed,
    ...(await prepareFiles(state, path)),
  }),
  hasNews: ({ state, options: { path } }, committed) => filesHaveNews(state, path, committed),
  read,
  toEvents: (record, { options: given }) => toEvents(record, given),
});

async function* read(
  { options: given, state, signal }: SourceContext<ApiLogOptions>,
  from: Cursor,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  const reader = new LineReader(given);
  let { chunks } = from;
  for await (const lines of newLines({ state, signal, pattern: given.path, lineBytesMax: fileLimits.lineBytesMax })) {
    const { records, note } = reader.read(lines);
    chunks += 1;
    yield { records, cursor: { v: 1, chunks }, state: lines.state(note) };
  }
}

/** What lines before say of the next ones, for the format that they were read by. */
const noteForm = z.looseObject({ format: z.string(), layout: z.string().nullable() });

class LineReader {
  readonly #format: LogFormat;
  readonly #mask: ((line: Buffer) => Buffer) | undefined;
  /** A layout holds for one format: with another option it is looked for anew. */
  readonly #formatText: string;

  constructor(given: ApiLogOptions) {
    this.#format = logFormatOf(given.format, given.timeZone);
    this.#mask = createMask(given);
    this.#formatText = given.format;
  }

  read(chunk: FileLines): { readonly records: readonly RawRecord[]; readonly note: Json | undefined } {
    if (chunk.generation === undefined || chunk.lines.length === 0) return { records: [], note: chunk.note };
    const recordOf = recordsIn(chunk.generation, chunk.path);
    let layout = this.#layout(chunk);
    const records: RawRecord[] = [];
    for (const line of chunk.lines) {
      if (line.bytes.length === 0) continue;
      const bytes = this.#mask === undefined ? line.bytes : this.#mask(line.bytes);
      if (!this.#format.carries) {
        records.push(recordOf(line, bytes));
        continue;
      }
      const step = this.#format.step(bytes, layout);
      layout = step.layout;
      if (step.record !== null) records.push(recordOf(line, step.record));
    }
    return { records, note: this.#format.carries ? { format: this.#formatText, layout } : undefined };
  }

  /** As the chunk before left it; else as the first lines show it. */
  #layout({ note, lines, first }: FileLines): Layout {
    if (!this.#format.carries) return null;
    const kept = noteForm.safeParse(note);
    if (kept.success && kept.data.format === this.#formatText && kept.data.layout !== null) return kept.data.layout;
    return this.#format.look(first) ?? this.#format.look(lines.map(({ bytes }) => bytes));
  }
}
