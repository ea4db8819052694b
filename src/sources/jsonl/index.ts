// jsonl: records of files: CloudEvents, any JSON objects, one a line, rows of CSV. Files that grow, rotate or are packed are
// read by src/sources/files; what is piped into a command comes by the door (src/door), and no worker sees it.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { defineSource, type Chunk, type SourceContext } from '../../domain/source.js';
import { auditFiles } from '../files/audit.js';
import { filesHaveNews, prepareFiles } from '../files/look.js';
import { newLines, type LinesAsked } from '../files/new-lines.js';
import { jsonlLimits } from './limits.js';
import { defaultIdOf, options, originOf, standardInput, type JsonlOptions } from './options.js';
import { piecesOf, recordsOf } from './pieces.js';
import { pipedRecords } from './piped.js';
import { toEvents } from './to-events.js';

/** Where reading stands is rows of state; this counts the chunks. */
const cursor = z.strictObject({ v: z.literal(1), at: z.int().min(0) });
type Cursor = z.infer<typeof cursor>;

const namesOfRecords = /\.(jsonl|ndjson|cloudevents|csv|tsv)(\.(gz|zst))?$/i;

export const jsonl = defineSource<JsonlOptions, Cursor>({
  type: 'jsonl',
  summary: 'records of files or standard input: CloudEvents, lines of JSON, CSV',
  argument: 'path',
  argumentIsPath: true,
  recognises: (place) => namesOfRecords.test(place) && existsSync(place),
  options,
  origin: originOf,
  defaultId: defaultIdOf,
  cursor,
  initialCursor: { v: 1, at: 0 },
  mapperVersion: 1,
  versionOrderBy: ({ versionOrder }) => versionOrder,
  prepare: async ({ state, options: { path } }, committed) =>
    path === standardInput
      ? { cursor: committed, nothingNew: true }
      : { cursor: committed, ...(await prepareFiles(state, path)) },
  hasNews: async ({ state, options: { path } }, committed) =>
    path !== standardInput && filesHaveNews(state, path, committed),
  read,
  audit: async function* ({ state, signal, options: given }) {
    if (given.path === standardInput) return;
    yield* auditFiles(linesAsked(given, { state, signal }), ({ lines, note }) => recordsOf(lines, given, note));
  },
  piped: (given) => (given.path === standardInput ? pipedRecords(given) : undefined),
  toEvents: (record, mapping) => toEvents(record, mapping.options),
});

async function* read(
  { state, signal, options: given }: SourceContext<JsonlOptions>,
  { at }: Cursor,
): AsyncGenerator<Chunk<Cursor>, void, void> {
  if (given.path === standardInput) return;
  let next = at;
  for await (const file of newLines(linesAsked(given, { state, signal }))) {
    signal.throwIfAborted();
    const { records, note } = recordsOf(file.lines, given, file.note);
    yield { records, cursor: { v: 1, at: ++next }, state: file.state(note) };
  }
  signal.throwIfAborted();
}

function linesAsked(given: JsonlOptions, where: Pick<LinesAsked, 'state' | 'signal'>): LinesAsked {
  return { ...where, pattern: given.path, lineBytesMax: jsonlLimits.lineBytesMax, pieces: piecesOf(given) };
}
