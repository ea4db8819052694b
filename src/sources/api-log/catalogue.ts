// The event type of access logs: what a line says of it, and the columns of its view.
import type { EventFacts, EventType, ViewColumn } from '../../domain/catalogue.js';

const columns: readonly ViewColumn[] = [
  { name: 'method', type: 'text', path: 'method' },
  { name: 'path', type: 'text', path: 'path' },
  { name: 'query', type: 'text', path: 'query' },
  { name: 'status', type: 'bigint', path: 'status' },
  { name: 'bytes', type: 'bigint', path: 'bytes' },
  { name: 'duration_ms', type: 'double precision', path: 'durationMs' },
  { name: 'remote', type: 'text', path: 'remote' },
  // `user` is a word of SQL.
  { name: 'user_name', type: 'text', path: 'user' },
  { name: 'host', type: 'text', path: 'host' },
  { name: 'referer', type: 'text', path: 'referer' },
  { name: 'user_agent', type: 'text', path: 'userAgent' },
  { name: 'protocol', type: 'text', path: 'protocol' },
  { name: 'line', type: 'text', path: 'line' },
  { name: 'file', type: 'text', path: 'file' },
  { name: 'file_offset', type: 'bigint', path: 'offset' },
];

export const eventTypes: readonly EventType[] = [
  {
    type: 'http.access',
    summary: 'a request, as an access log tells it; or a line of the log that is not understood',
    stability: 'experimental',
    about,
    // A million lines a day are searched by their fields; nobody looks for them by meaning.
    words: false,
    embed: [],
    filters: { path: true },
    view: { name: 'api_log_requests', columns },
  },
];

/** `GET 200 1234 bytes 12 ms`, beside the path. */
function about({ data: { method, status, bytes, durationMs, line } }: EventFacts): string | null {
  if (typeof line === 'string') return line;
  const parts = [
    method,
    status,
    bytes === undefined ? undefined : `${String(bytes)} bytes`,
    durationMs === undefined ? undefined : `${String(durationMs)} ms`,
  ];
  return parts.filter((part) => part !== undefined && part !== null).join(' ') || null;
}
