// A record: where a line stands, and the line as the format keeps it. The first line of a record is
// `<generation> <offset> <bytes> <flags> <path as JSON>`, all after it is the format's (see formats/index.ts).
import type { Line } from '../files/line-splitter.js';

/** A sign for each flag of a line. */
const signs = { cut: 'c', hole: 'h', unended: 'u', rest: 'r' } as const;

export interface Place {
  readonly generation: string;
  /** Of the text, unpacked. */
  readonly offset: number;
  /** Of the whole line, with its end. */
  readonly bytes: number;
  readonly flags: string;
  readonly path: string;
}

/** Of the lines of one file. `text`: the line as the format keeps it. */
export function recordsIn(generation: string, path: string): (line: Line, text: Buffer) => Buffer {
  const file = JSON.stringify(path);
  return ({ offset, end, flags }, text) => {
    const place = `${generation} ${offset} ${end - offset} ${flagsText(flags)} ${file}\n`;
    const length = Buffer.byteLength(place);
    const record = Buffer.allocUnsafe(length + text.length);
    record.write(place);
    text.copy(record, length);
    return record;
  };
}

function flagsText(flags: Line['flags']): string {
  let text = '';
  for (const name in flags) text += signs[name as keyof typeof signs];
  return text === '' ? '-' : text;
}

const placeForm = /^(\S+) (\d+) (\d+) (\S+) (".*")$/s;

/** Undefined: it is no record of ours. */
export function placeOf(record: Buffer): { readonly place: Place; readonly line: Buffer } | undefined {
  const end = record.indexOf(10);
  const [, generation, offset, bytes, flags, path] = placeForm.exec(record.toString('utf8', 0, Math.max(end, 0))) ?? [];
  if (generation === undefined) return undefined;
  const place = { generation, offset: Number(offset), bytes: Number(bytes), flags: flags!, path: pathOf(path!) };
  return { place, line: record.subarray(end + 1) };
}

/** Lines of one file come in a row. */
let [lastText, lastPath] = ['""', ''];

function pathOf(text: string): string {
  if (text !== lastText) [lastText, lastPath] = [text, JSON.parse(text) as string];
  return lastPath;
}
