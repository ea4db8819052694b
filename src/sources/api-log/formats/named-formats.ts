// The formats that have a name. Those of servers that write a fixed row of fields are in the words of Apache or nginx, and
// their escapes are read the same (decoding.ts).
import { compileApache } from './apache-format.js';
import { readElb } from './elb.js';
import type { Layout } from './index.js';
import { readJson } from './json-line.js';
import type { LogLine } from './line.js';
import { readLogfmt } from './logfmt.js';
import { compileNginx } from './nginx-format.js';
import { readPattern, type Pattern } from './pattern.js';
import { readW3c } from './w3c.js';
import type { Zone } from './zone.js';

/** A line without what does not belong to it: no line end, no byte order mark. */
export interface PreparedLine {
  readonly bytes: Buffer;
  /** One character for each byte. */
  readonly text: string;
  readonly ascii: boolean;
}

export type ReadLine = (line: PreparedLine, zone: Zone, layout: Layout) => LogLine;

export function readerOf(pattern: Pattern): ReadLine {
  return ({ text, ascii }, zone) => readPattern(pattern, text, ascii, zone);
}

const apache = (format: string) => readerOf(compileApache(format));

/**
 * Traefik's common format is the combined one with four fields more. Traefik's own counter is one of them. Names like
 * `duration_ms` are ours.
 */
const traefikCommon =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" ' +
  '$request_count "$router" "$server_url" ${duration_ms}ms';

export const namedFormats: ReadonlyMap<string, ReadLine> = new Map<string, ReadLine>([
  ['common', apache('%h %l %u %t "%r" %>s %b')],
  ['combined', apache('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"')],
  // other_vhosts_access.log of Debian's Apache.
  ['vhost_combined', apache('%v:%p %h %l %u %t "%r" %>s %O "%{Referer}i" "%{User-Agent}i"')],
  // `log_format main` of the nginx.conf that nginx's packages bring.
  ['main', apache('%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" "%{X-Forwarded-For}i"')],
  ['json', ({ bytes }, zone) => readJson(bytes, zone, 'any')],
  ['caddy', ({ bytes }, zone) => readJson(bytes, zone, 'caddy')],
  ['traefik', ({ bytes }, zone) => readJson(bytes, zone, 'traefik')],
  ['traefik_common', readerOf(compileNginx(traefikCommon))],
  ['logfmt', ({ text, ascii }, zone) => readLogfmt(text, ascii, zone)],
  ['w3c', ({ text, ascii }, zone, layout) => readW3c(text, ascii, layout, zone)],
  ['elb', ({ text, ascii }, zone) => readElb(text, ascii, zone)],
]);
