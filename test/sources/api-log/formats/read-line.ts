// A line as a format reads it, with only what it tells.
import {
  logFormatOf,
  type Layout,
  type LogFields,
  type LogLine,
} from '../../../../src/sources/api-log/formats/index.js';

export function readLine(format: string, line: string | Uint8Array, layout: Layout = null, zone = 'UTC'): LogLine {
  const made = logFormatOf(format, zone);
  const bytes = typeof line === 'string' ? Buffer.from(line) : line;
  return made.read(made.step(bytes, layout).record ?? Buffer.alloc(0));
}

/** The fields that a line tells; flags and a problem where there are any. */
export function told({ fields, flags, problem }: LogLine): Partial<LogFields> & { flags?: readonly string[] } {
  const found = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  return { ...found, ...(flags.length > 0 ? { flags } : {}), ...(problem === undefined ? {} : { problem }) };
}

export function fieldsOf(format: string, line: string | Uint8Array, layout: Layout = null, zone = 'UTC') {
  return told(readLine(format, line, layout, zone));
}
