// Lines as the servers' documents show them.
import { expect, test } from 'vitest';
import { logFormatOf } from '../../../../src/sources/api-log/formats/index.js';
import { fieldsOf } from './read-line.js';

const lines = {
  common: '127.0.0.1 user-identifier frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
  combined:
    '127.0.0.1 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326 "http://www.example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"',
  main: '172.17.0.1 - - [26/Nov/2026:15:00:01 +0000] "GET /?a=b&c HTTP/1.1" 304 0 "-" "curl/7.64.0" "203.0.113.7, 10.0.0.1"',
  vhost_combined:
    'www.example.com:443 2001:db8::9 - - [26/Nov/2026:15:00:01 +0100] "POST / HTTP/1.1" 201 615 "-" "curl/7.64.0"',
  traefik_common:
    '10.42.0.1 - - [26/Nov/2026:15:00:01 +0000] "GET /dashboard/?x=1 HTTP/1.1" 200 1187 "-" "curl/7.64.0" 3 "api@internal" "http://10.42.0.3:80" 12ms',
  json: '{"level":"info","ts":1646861401.5241024,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"127.0.0.1","remote_port":"41342","client_ip":"127.0.0.1","proto":"HTTP/2.0","method":"GET","host":"localhost","uri":"/","headers":{"User-Agent":["curl/7.82.0"],"Accept":["*/*"]},"tls":{"resumed":false,"version":772}},"bytes_read":0,"user_id":"","duration":0.000929675,"size":10900,"status":200,"resp_headers":{"Server":["Caddy"]}}',
  elb: 'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://www.example.com:443/a?b=c HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-58337281-1d84f3d73c47ec4e58577259" "www.example.com" "arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012" 1 2018-07-02T22:22:48.364000Z "authenticate,forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef90',
  logfmt:
    'at=info method=GET path="/a?b=c" host=example.herokuapp.com request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="204.204.204.204" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=https',
};

test.each(Object.entries(lines))('auto finds %s by its documented line', (format, line) => {
  expect(logFormatOf('auto', 'UTC').look([Buffer.from(line)])).toBe(format);
  expect(fieldsOf('auto', line, format)).toEqual(fieldsOf(format, line));
});

test('Apache: common and combined, with the time at its own offset', () => {
  expect(fieldsOf('combined', lines.combined)).toEqual({
    method: 'GET',
    path: '/apache_pb.gif',
    protocol: 'HTTP/1.0',
    status: 200,
    bytes: 2326,
    remote: '127.0.0.1',
    user: 'frank',
    referer: 'http://www.example.com/start.html',
    userAgent: 'Mozilla/4.08 [en] (Win98; I ;Nav)',
    time: '2000-10-10T13:55:36-07:00',
  });
  expect(fieldsOf('common', lines.common)).toMatchObject({ user: 'frank', extra: { ident: 'user-identifier' } });
});

test('nginx: main with the forwarded addresses, and Apache with the virtual host', () => {
  expect(fieldsOf('main', lines.main)).toMatchObject({
    path: '/',
    query: 'a=b&c',
    forwardedFor: '203.0.113.7, 10.0.0.1',
  });
  expect(fieldsOf('vhost_combined', lines.vhost_combined)).toMatchObject({
    host: 'www.example.com',
    port: 443,
    remote: '2001:db8::9',
    time: '2026-11-26T15:00:01+01:00',
  });
});

test('Traefik: common and json, whose Duration is in nanoseconds', () => {
  expect(fieldsOf('traefik_common', lines.traefik_common)).toMatchObject({
    durationMs: 12,
    extra: { router: 'api@internal', server_url: 'http://10.42.0.3:80', request_count: '3' },
  });
  const json =
    '{"ClientAddr":"10.0.0.5:41342","ClientHost":"10.0.0.5","ClientPort":"41342","ClientUsername":"-","DownstreamContentSize":19,"DownstreamStatus":404,"Duration":112345,"OriginDuration":12000,"OriginStatus":404,"RequestHost":"example.com","RequestMethod":"GET","RequestPath":"/a?b=c","RequestProtocol":"HTTP/1.1","RequestScheme":"http","StartUTC":"2026-11-26T15:00:01.123456789Z","level":"info","msg":"","request_User-Agent":"curl/7.64.0","time":"2026-11-26T15:00:02Z"}';
  expect(fieldsOf('traefik', json)).toEqual({
    method: 'GET',
    path: '/a',
    query: 'b=c',
    protocol: 'HTTP/1.1',
    status: 404,
    bytes: 19,
    durationMs: 0.112,
    upstreamMs: 0.012,
    remote: '10.0.0.5',
    remotePort: 41342,
    host: 'example.com',
    scheme: 'http',
    userAgent: 'curl/7.64.0',
    time: '2026-11-26T15:00:01.123456789Z',
    extra: { ClientAddr: '10.0.0.5:41342', OriginStatus: 404, level: 'info', msg: '', time: '2026-11-26T15:00:02Z' },
  });
  expect(fieldsOf('json', json)).toEqual(fieldsOf('traefik', json));
});

test('Caddy: a request in an object, seconds, headers as lists', () => {
  expect(fieldsOf('caddy', lines.json)).toMatchObject({
    method: 'GET',
    path: '/',
    status: 200,
    bytes: 10_900,
    bytesIn: 0,
    durationMs: 0.93,
    remote: '127.0.0.1',
    remotePort: 41342,
    host: 'localhost',
    userAgent: 'curl/7.82.0',
    time: '2022-03-09T21:30:01.524102Z',
  });
});

test('AWS: the application and the classic load balancer', () => {
  expect(fieldsOf('elb', lines.elb)).toMatchObject({
    scheme: 'https',
    host: 'www.example.com',
    path: '/a',
    query: 'b=c',
    status: 200,
    durationMs: 171,
    upstreamMs: 48,
    remote: '192.168.131.39',
    remotePort: 2817,
    time: '2018-07-02T22:23:00.186641Z',
    extra: { type: 'https', target: '10.0.0.1:80', actions_executed: 'authenticate,forward' },
  });
  const classic = (rest: string) =>
    fieldsOf('elb', `2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 ${rest}`);
  expect(
    classic(
      '10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://www.example.com:80/ HTTP/1.1" "curl/7.38.0" - -',
    ),
  ).toMatchObject({ status: 200, bytes: 29, durationMs: 1.178, path: '/', host: 'www.example.com:80' });
  // A TCP listener has no request, and -1 is a time that is not known.
  expect(classic('- -1 -1 -1 - - 82 305 "- - - " "-" ECDHE-ECDSA-AES128-GCM-SHA256 TLSv1.2')).toEqual({
    request: '- - - ',
    bytes: 305,
    bytesIn: 82,
    remote: '192.168.131.39',
    remotePort: 2817,
    time: '2015-05-13T23:39:43.945958Z',
    extra: { elb: 'my-loadbalancer', ssl_cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256', ssl_protocol: 'TLSv1.2' },
    flags: ['malformed_request'],
  });
});

test('logfmt: a line of a router, durations with their unit', () => {
  expect(fieldsOf('logfmt', lines.logfmt)).toEqual({
    method: 'GET',
    path: '/a',
    query: 'b=c',
    status: 200,
    bytes: 13,
    durationMs: 18,
    forwardedFor: '204.204.204.204',
    host: 'example.herokuapp.com',
    scheme: 'https',
    requestId: '8601b555-6a83-4c12-8269-97c8e32cdb22',
    extra: { at: 'info', dyno: 'web.1', connect: '1ms' },
  });
});

test('json: names of ECS, of Google and of pino, nested or not; a duration without a unit is not guessed', () => {
  const ecs =
    '{"@timestamp":"2026-11-26T15:00:01.5","http.request.method":"GET","url":{"path":"/x","query":"a=1"},"http":{"response":{"status_code":201}},"source":{"ip":"::1"},"duration":12}';
  expect(fieldsOf('json', ecs, null, '+02:00')).toEqual({
    method: 'GET',
    path: '/x',
    query: 'a=1',
    status: 201,
    remote: '::1',
    time: '2026-11-26T15:00:01.5+02:00',
    extra: { duration: 12 },
  });
  expect(
    fieldsOf(
      'json',
      '{"httpRequest":{"requestMethod":"GET","requestUrl":"https://a.example/x?y","status":200,"responseSize":"12","latency":"0.061s","remoteIp":"192.0.2.1"},"timestamp":"2026-11-26T15:00:01Z"}',
    ),
  ).toMatchObject({ host: 'a.example', path: '/x', query: 'y', bytes: 12, durationMs: 61, remote: '192.0.2.1' });
  expect(
    fieldsOf(
      'json',
      '{"level":30,"time":1700000000123,"req":{"method":"GET","url":"/a","headers":{"host":"x"},"remoteAddress":"::1"},"res":{"statusCode":200},"responseTime":5}',
    ),
  ).toMatchObject({
    time: '2023-11-14T22:13:20.123Z',
    path: '/a',
    host: 'x',
    status: 200,
    durationMs: 5,
    remote: '::1',
  });
});
