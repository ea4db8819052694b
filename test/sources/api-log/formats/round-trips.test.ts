// What a server writes is read back: fields, its own escaping, a line, the same fields.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tries } from '../../../support/share.js';
import { fieldsOf } from './read-line.js';
import {
  apacheEscaped,
  clfTime,
  expected,
  local,
  nginxEscaped,
  nginxJson,
  request,
  rfc3339,
  targetOf,
  type Request,
} from './server-writing.js';

function roundTrip(
  format: string,
  write: (given: Request) => string,
  means = expected,
  layout: string | null = null,
): void {
  fc.assert(
    fc.property(request, (given) => {
      expect(fieldsOf(format, write(given), layout)).toEqual(means(given));
    }),
    { numRuns: tries(150, 3_000) },
  );
}

const combined = (escaped: (text: string | undefined) => string) => (given: Request) =>
  `${given.remote} - ${escaped(given.user)} [${clfTime(given)}] "${escaped(`${given.method} ${targetOf(given)} HTTP/1.1`)}" ${given.status} ${given.bytes} "${escaped(given.referer)}" "${escaped(given.userAgent)}"`;

test("Apache's combined lines", () => {
  roundTrip('combined', combined(apacheEscaped));
});

test("nginx's combined lines", () => {
  roundTrip('combined', combined(nginxEscaped));
  roundTrip(
    `log_format combined '$remote_addr - $remote_user [$time_local] ' '"$request" $status $body_bytes_sent ' '"$http_referer" "$http_user_agent"';`,
    combined(nginxEscaped),
  );
});

test('a file of auto, in which every line is read by itself', () => {
  roundTrip('auto', combined(apacheEscaped));
});

test("nginx's escape=json, and the same lines as JSON", () => {
  const format = `log_format j escape=json '{"time_iso8601":"$time_iso8601","remote_addr":"$remote_addr","remote_user":"$remote_user","request":"$request","status":$status,"body_bytes_sent":$body_bytes_sent,"http_referer":"$http_referer","http_user_agent":"$http_user_agent"}';`;
  const write = (given: Request) =>
    `{"time_iso8601":"${rfc3339(given)}","remote_addr":"${given.remote}","remote_user":"${nginxJson(given.user)}","request":"${nginxJson(`${given.method} ${targetOf(given)} HTTP/1.1`)}","status":${given.status},"body_bytes_sent":${given.bytes},"http_referer":"${nginxJson(given.referer)}","http_user_agent":"${nginxJson(given.userAgent)}"}`;
  roundTrip(format, write);
  roundTrip('json', write);
});

test('a LogFormat of its own: path and query side by side, a time in strftime, microseconds', () => {
  roundTrip(
    String.raw`LogFormat "%a|%{%Y-%m-%d %T %z}t|%>s|\"%m %U%q %H\"|%B|\"%u\"|\"%{User-Agent}i\"|\"%{Referer}i\"|%D" own`,
    (given) => {
      const query = given.query === undefined ? '' : apacheEscaped(`?${given.query}`);
      const time = `${local(given.at, given.offset).replace('T', ' ')} ${clfTime(given).slice(-5)}`;
      return `${given.remote}|${time}|${given.status}|"${given.method} ${apacheEscaped(given.path)}${query} HTTP/1.1"|${given.bytes}|"${apacheEscaped(given.user)}"|"${apacheEscaped(given.userAgent)}"|"${apacheEscaped(given.referer)}"|${given.status * 1_000}`;
    },
    (given) => ({ ...expected(given), durationMs: given.status }),
  );
});

test('logfmt, with Go quotes', () => {
  const quoted = (text: string | undefined) => (text === undefined ? '-' : JSON.stringify(text));
  roundTrip(
    'logfmt',
    (given) =>
      `time=${rfc3339(given)} remote_addr=${given.remote} user=${quoted(given.user)} method=${given.method} uri=${quoted(targetOf(given))} proto=HTTP/1.1 status=${given.status} bytes=${given.bytes} referer=${quoted(given.referer)} user_agent=${quoted(given.userAgent)}`,
  );
});

test('Caddy: JSON in Go, which writes <, > and & as \\u003c', () => {
  const go = (value: unknown) =>
    JSON.stringify(value).replaceAll(/[<>&]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  roundTrip(
    'caddy',
    (given) =>
      go({
        ts: given.at,
        request: {
          client_ip: given.remote,
          proto: 'HTTP/1.1',
          method: given.method,
          uri: targetOf(given),
          headers: {
            Accept: ['*/*'],
            ...(given.referer === undefined ? {} : { Referer: [given.referer] }),
            ...(given.userAgent === undefined ? {} : { 'User-Agent': [given.userAgent] }),
          },
        },
        user_id: given.user ?? '',
        duration: 0.25,
        size: given.bytes,
        status: given.status,
      }),
    (given) => {
      const extra = { request: { headers: { Accept: ['*/*'] } } };
      const time = new Date(given.at * 1_000).toISOString().replace('.000', '');
      // A number before 1970 is no time that Caddy writes.
      const moment = given.at < 0 ? { flags: ['bad_time'], extra: { ...extra, ts: given.at } } : { time, extra };
      const { time: _, ...rest } = expected(given);
      return { ...rest, durationMs: 250, ...moment };
    },
  );
});

test('IIS: no field has a blank, and the agent has + for it', () => {
  // IIS writes what is no sign of ASCII as ? or escaped, and quotes as they are, but for the first sign of a field.
  const plain = (text: string | undefined) => text?.replaceAll(/[^!#-*,-~]/gu, '') || undefined;
  const means = (given: Request) => ({
    ...given,
    path: `/${plain(given.path.slice(1)) ?? ''}`,
    query: plain(given.query),
    user: dash(plain(given.user)),
    referer: dash(plain(given.referer)),
    userAgent: dash(plain(given.userAgent)),
    offset: 0,
  });
  const dash = (text: string | undefined) => (text === '-' ? undefined : text);
  roundTrip(
    'w3c',
    (raw) => {
      const given = means(raw);
      const [day, clock] = local(given.at, 0).split('T');
      return `${day} ${clock} ${given.remote} ${given.user ?? '-'} ${given.method} ${given.path} ${dash(given.query) ?? '-'} ${given.status} ${given.bytes} HTTP/1.1 ${given.userAgent ?? '-'} ${given.referer ?? '-'}`;
    },
    (raw) => {
      const given = means(raw);
      return expected({ ...given, query: dash(given.query) });
    },
    'w3c - date time c-ip cs-username cs-method cs-uri-stem cs-uri-query sc-status sc-bytes cs-version cs(User-Agent) cs(Referer)',
  );
});

test('AWS: a request with its whole url', () => {
  roundTrip(
    'elb',
    (given) => {
      const time = `${local(given.at, 0)}.000001Z`;
      const [user, agent] = [
        given.remote.includes(':') ? `[${given.remote}]` : given.remote,
        apacheEscaped(given.userAgent),
      ];
      return `http ${time} app/x ${user}:5 - 0.001 0.002 0.003 ${given.status} 200 0 ${given.bytes} "${given.method} http://a.example:80${apacheEscaped(targetOf(given))} HTTP/1.1" "${agent}" - - arn "r" "-" "-" 0 ${time} "forward" "-" "-" "-" "-" "-" "-"`;
    },
    (given) => {
      const { user: _, referer: __, ...rest } = expected(given);
      return {
        ...rest,
        time: `${local(given.at, 0)}.000001Z`,
        durationMs: 6,
        upstreamMs: 2,
        bytesIn: 0,
        scheme: 'http',
        host: 'a.example:80',
        remotePort: 5,
        requestId: 'r',
        extra: expect.objectContaining({ actions_executed: 'forward' }),
      };
    },
  );
});
