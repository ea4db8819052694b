// What a line of an access log says, whatever its format. A field that the line does not tell (or tells as `-`) is undefined.
import type { Json } from '../../../domain/event.js';

export interface LogFields {
  method: string | undefined;
  /** As it was logged, without the query; percent signs are not decoded. */
  path: string | undefined;
  /** Without the question mark; empty where there is one and nothing behind it. */
  query: string | undefined;
  /** `HTTP/1.1` */
  protocol: string | undefined;
  /** The request line, where it is none (`-`, bytes of TLS): flagged `malformed_request`. */
  request: string | undefined;
  status: number | undefined;
  /** Sent to the client: the body where the format tells it, else everything. */
  bytes: number | undefined;
  /** Received from the client. */
  bytesIn: number | undefined;
  durationMs: number | undefined;
  upstreamMs: number | undefined;
  /** Address or name of the client. */
  remote: string | undefined;
  remotePort: number | undefined;
  forwardedFor: string | undefined;
  user: string | undefined;
  referer: string | undefined;
  userAgent: string | undefined;
  host: string | undefined;
  /** Of the server. */
  port: number | undefined;
  scheme: string | undefined;
  requestId: string | undefined;
  /** RFC 3339, at the offset of the log. */
  time: string | undefined;
  /** Everything else that the line tells, by the format's own names. */
  extra: Record<string, Json> | undefined;
}

/** Why a line is none of its format: where it parts from it, and what should have been there. */
export interface LineProblem {
  /** From 1, in bytes. */
  readonly column: number;
  readonly expected: string;
}

/**
 * - malformed_line: it does not fit its format; `problem` says where. Nothing but `line` is told.
 * - malformed_request: the request is no request line; it is kept as `request`.
 * - not_utf8: bytes that are no text read U+FFFD.
 * - bad_time: no moment of a calendar (30 Feb), or a form that is not known: `time` is undefined, its text is in `extra.time`.
 * - leap_second: second 60 reads 59. ambiguous_time, skipped_time: the clock of the zone had it twice (the first is taken), or never.
 * - bad_number: a number that is none, or too large: its text is in `extra`.
 * - trailing_text: more than the format says; it is in `extra.rest`.
 * - leading_nuls: a hole in the file stood before the line, left by a writer that does not append.
 * - too_deep: JSON nested beyond depthMax is left out.
 */
export type LineFlag =
  | 'malformed_line'
  | 'malformed_request'
  | 'not_utf8'
  | 'bad_time'
  | 'leap_second'
  | 'ambiguous_time'
  | 'skipped_time'
  | 'bad_number'
  | 'trailing_text'
  | 'leading_nuls'
  | 'too_deep';

export interface LogLine {
  readonly fields: LogFields;
  readonly flags: readonly LineFlag[];
  /** Of a malformed line: why, and its text. */
  readonly problem?: LineProblem | undefined;
  readonly line?: string | undefined;
}

/** All fields in one order, so that the engine of JavaScript has one shape for them. */
export function noFields(): LogFields {
  return {
    method: undefined,
    path: undefined,
    query: undefined,
    protocol: undefined,
    request: undefined,
    status: undefined,
    bytes: undefined,
    bytesIn: undefined,
    durationMs: undefined,
    upstreamMs: undefined,
    remote: undefined,
    remotePort: undefined,
    forwardedFor: undefined,
    user: undefined,
    referer: undefined,
    userAgent: undefined,
    host: undefined,
    port: undefined,
    scheme: undefined,
    requestId: undefined,
    time: undefined,
    extra: undefined,
  };
}
