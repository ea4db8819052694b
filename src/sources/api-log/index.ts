// api_log: the requests that access logs tell, from files that grow and are rotated.
//
// What rotation does (logrotate 3.x, newsyslog, rotatelogs): rename and create; copy and truncate, where lines that are written
// between the two are lost by its own words; numbers, dates; gzip at once or one rotation later (delaycompress). nginx writes
// to a renamed file until it is told to reopen its logs (USR1). How all that is told apart is in ../files.
import { z } from 'zod';
import type { Json } from '../../domain/event.js';
import { defineSource, type Chunk, type RawRecord, type SourceContext } from '../../domain/source.js';
import { fileLimits } from '../files/limits.js';
import { auditFiles } from '../files/audit.js';
import { filesHaveNews, prepareFiles } from '../files/look.js';
import { newLines, type FileLines, type LinesAsked } from '../files/new-lines.js';
import { eventTypes } from './catalogue.js';
import { toEvents } from './events.js';
import { logFormatOf, maskRecord, type Layout, type LogFormat, type Masking } from './formats/index.js';
import { defaultIdOf, options, originOf, type ApiLogOptions } from './options.js';
import { recordsIn } from './record.js';
import { createValueMask } from './secret-values.js';

/** How far each file was read is in rows; the cursor counts chunks, since each moves the position. */
const cursor = z.strictObject({ v: z.literal(1), chunks: z.int().min(0) });
type Cursor = z.infer<typeof cursor>;

export const apiLog = defineSource<ApiLogOptions, Cursor>({
  type: 'api_log',
  summary: 'requests of access logs: nginx, Apache, IIS, load balancers, JSON; files that grow and are rotated',
  events: eventTypes,
  argument: 'path',
  argumentIsPath: true,
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
  audit: async function* ({ options: given, state, signal, secret }) {
    const reader = await readerOf(given, secret);
    yield* auditFiles(linesAsked(given, { state, signal }), (lines) => reader.read(lines));
  },
  toEvents: (record, { options: given }) => toEvents(record, given),
});

async function* read(
  { options: given, state, signal, secret }: SourceContext<ApiLogOptions>,
  from: Cursor,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  const reader = await readerOf(given, secret);
  let { chunks } = from;
  for await (const lines of newLines(linesAsked(given, { state, signal }))) {
    const { records, note } = reader.read(lines);
    chunks += 1;
    yield { records, cursor: { v: 1, chunks }, state: lines.state(note) };
  }
}

async function readerOf(given: ApiLogOptions, secret: SourceContext<unknown>['secret']): Promise<LineReader> {
  return new LineReader(given, given.maskKey === undefined ? undefined : await secret(given.maskKey));
}

function linesAsked({ path }: ApiLogOptions, where: Pick<LinesAsked, 'state' | 'signal'>): LinesAsked {
  return { ...where, pattern: path, lineBytesMax: fileLimits.lineBytesMax };
}

/** What lines before say of the next ones, for the format that they were read by. */
const noteForm = z.looseObject({ format: z.string(), layout: z.string().nullable() });

class LineReader {
  readonly #format: LogFormat;
  readonly #maskValues: ((line: Buffer) => Buffer) | undefined;
  /** Null where no line must be understood to be masked. */
  readonly #masking: Masking | null;
  /** A layout holds for one format: with another option it is looked for anew. */
  readonly #formatText: string;

  constructor(given: ApiLogOptions, key: string | undefined) {
    this.#format = logFormatOf(given.format, given.timeZone);
    this.#formatText = given.format;
    const { maskQuery: query, maskAddresses: addresses } = given;
    this.#maskValues = typeof query === 'string' ? undefined : createValueMask(query);
    this.#masking = query === 'all' || addresses !== 'keep' ? { query, addresses, key } : null;
  }

  read(chunk: Omit<FileLines, 'state'>): { readonly records: readonly RawRecord[]; readonly note: Json | undefined } {
    if (chunk.generation === undefined || chunk.lines.length === 0) return { records: [], note: chunk.note };
    const recordOf = recordsIn(chunk.generation, chunk.path);
    let layout = this.#layout(chunk);
    const records: RawRecord[] = [];
    for (const line of chunk.lines) {
      if (line.bytes.length === 0) continue;
      const step = this.#step(this.#maskValues?.(line.bytes) ?? line.bytes, layout);
      layout = step.layout;
      if (step.record !== null) records.push(recordOf(line, this.#masked(step.record)));
    }
    return { records, note: this.#format.carries ? { format: this.#formatText, layout } : undefined };
  }

  #step(line: Buffer, layout: Layout): { readonly layout: Layout; readonly record: Buffer | null } {
    return this.#format.carries ? this.#format.step(line, layout) : { layout, record: line };
  }

  #masked(record: Buffer): Buffer {
    return this.#masking === null ? record : maskRecord(this.#format, record, this.#masking);
  }

  /** As the chunk before left it; else as the first lines show it. */
  #layout({ note, lines, first }: Omit<FileLines, 'state'>): Layout {
    if (!this.#format.carries) return null;
    const kept = noteForm.safeParse(note);
    if (kept.success && kept.data.format === this.#formatText && kept.data.layout !== null) return kept.data.layout;
    return this.#format.look(first) ?? this.#format.look(lines.map(({ bytes }) => bytes));
  }
}
