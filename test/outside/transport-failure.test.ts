// A server that is slow, lies, floods or breaks off: every call ends within its bounds, says what kind of failure it
// was, and leaves no connection behind.
import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { NeedsAttention, Transient } from '../../src/domain/errors.js';
import { httpBounds, type HttpBounds } from '../../src/outside/bounds.js';
import { transportFailure } from '../../src/outside/transport-failure.js';
import { asking, failure, nothingLeft, secret } from '../support/http-clients.js';
import { certificateFor, testServers } from '../support/http-server.js';

const { serve, serveTls, serveBytes } = testServers();

test.each<[string, (socket: Socket) => void, string, new (...given: never[]) => Error]>([
  ['closes without a word', (socket) => void socket.end(), 'http_away', Transient],
  ['resets', (socket) => void socket.resetAndDestroy(), 'http_away', Transient],
  ['breaks off in its headers', (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-le'), 'http_away', Transient],
  [
    'breaks off in its body',
    (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a"'),
    'answer_truncated',
    Transient,
  ],
  [
    'breaks off in a chunk',
    (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n[1,2]\r\n'),
    'answer_truncated',
    Transient,
  ],
  [
    'writes a chunk of no size',
    (socket) => void socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n[]'),
    'http_protocol',
    Transient,
  ],
  [
    'says two lengths',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]'),
    'http_protocol',
    Transient,
  ],
  [
    'says a length and chunks',
    (socket) =>
      void socket.write(
        'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n',
      ),
    'http_protocol',
    Transient,
  ],
  ['speaks something else', (socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'), 'http_protocol', Transient],
  ['speaks HTTP/0.9', (socket) => void socket.end('<html>'), 'http_protocol', Transient],
  [
    'floods with headers',
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\n${'x-flood: 0123456789\r\n'.repeat(10_000)}\r\n`),
    'headers_too_large',
    NeedsAttention,
  ],
  [
    'has one header without end',
    (socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(200_000)}`),
    'headers_too_large',
    NeedsAttention,
  ],
  [
    'cuts its gzip',
    (socket) =>
      void socket.end(
        Buffer.concat([
          Buffer.from('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n'),
          gzipSync('[1,2,3]').subarray(0, 12),
        ]),
      ),
    'answer_truncated',
    Transient,
  ],
  [
    'sends no gzip',
    (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n[1,2,3]'),
    'answer_corrupt',
    Transient,
  ],
  [
    'wants to switch protocols',
    (socket) => void socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    'http_away',
    Transient,
  ],
])('a server that %s', async (_, answer, code, kind) => {
  const server = await serveBytes(answer);
  const error = await failure(asking(server.url).ask({ url: '/' }));
  expect(error).toMatchObject({ code });
  expect(error).toBeInstanceOf(kind);
  await nothingLeft(server);
});

test('what comes before the answer (1xx) is passed over, but not for ever', async () => {
  const hints = 'HTTP/1.1 103 Early Hints\r\nlink: </x>; rel=preload\r\n\r\n';
  const server = await serveBytes(
    (socket) => void socket.end(`${hints.repeat(3)}HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]`),
  );
  expect((await asking(server.url).ask({ url: '/' })).json()).toEqual([]);
  const endless = await serveBytes((socket) => {
    const timer = setInterval(() => socket.write(hints), 5);
    socket.on('close', () => clearInterval(timer));
  });
  expect(await failure(asking(endless.url, { bounds: { totalMs: 300 } }).ask({ url: '/' }))).toMatchObject({
    code: 'http_slow',
  });
});

/** One byte at a time, for ever. */
function drip(socket: Socket, head: string): void {
  let at = 0;
  const timer = setInterval(() => socket.write(head[at++] ?? ' '), 10);
  socket.on('close', () => clearInterval(timer));
}

test.each<[string, (socket: Socket) => void, Partial<HttpBounds>, RegExp]>([
  ['never answers', () => undefined, { headersMs: 100 }, /no answer within 0.1 s/],
  [
    'drips its headers',
    (socket) => drip(socket, `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(10_000)}`),
    { headersMs: 200 },
    /no answer within 0.2 s/,
  ],
  [
    'stops in its body',
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n['),
    { betweenBytesMs: 100 },
    /no further byte of it within 0.1 s/,
  ],
  ['drips its body', (socket) => drip(socket, 'HTTP/1.1 200 OK\r\n\r\n['), { totalMs: 600 }, /not within 0.6 s/],
])('a server that %s is left', async (_, answer, bounds, what) => {
  const server = await serveBytes(answer);
  const error = await failure(asking(server.url, { bounds }).ask({ url: '/' }));
  expect(error).toBeInstanceOf(Transient);
  expect(error).toMatchObject({ code: 'http_slow', message: expect.stringMatching(what) });
  await nothingLeft(server);
});

test('a certificate that is not to be trusted is told in words, and nothing is sent', async () => {
  const own = certificateFor('127.0.0.1');
  const other = certificateFor('other.example');
  const server = await serveTls(own, (_, response) => response.end('{}'));
  const wrong = await serveTls(other, (_, response) => response.end('{}'));
  const plain = await serve((_, response) => response.end('{}'));
  const untrusted = await failure(asking(server.url).ask({ url: '/' }));
  expect(untrusted).toBeInstanceOf(NeedsAttention);
  expect(untrusted).toMatchObject({ code: 'tls_untrusted', message: expect.stringContaining('is signed by itself') });
  expect(await failure(asking(wrong.url, { ca: other.cert }).ask({ url: '/' }))).toMatchObject({
    code: 'tls_untrusted',
    message: expect.stringContaining('is for another host'),
  });
  expect(await failure(asking(plain.url.replace('http:', 'https:')).ask({ url: '/' }))).toMatchObject({
    code: 'tls_failed',
    next: 'attention',
  });
  expect([...server.requests, ...wrong.requests]).toHaveLength(0);
  expect((await asking(server.url, { ca: own.cert }).ask({ url: '/' })).json()).toEqual({});
});

test.each<[string, string, string]>([
  ['CERT_HAS_EXPIRED', 'tls_untrusted', 'attention'],
  ['CERT_NOT_YET_VALID', 'tls_untrusted', 'attention'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls_untrusted', 'attention'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls_untrusted', 'attention'],
  ['INVALID_PURPOSE', 'tls_failed', 'attention'],
  ['CRL_HAS_EXPIRED', 'tls_failed', 'attention'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls_failed', 'attention'],
  ['EPROTO', 'tls_failed', 'attention'],
  ['ECONNREFUSED', 'http_away', 'retry'],
  ['EHOSTUNREACH', 'http_away', 'retry'],
  ['ENOTFOUND', 'http_away', 'retry'],
  ['EAI_AGAIN', 'http_away', 'retry'],
  ['UND_ERR_DESTROYED', 'http_away', 'retry'],
])('%s is %s', (code, known, next) => {
  const failing = { subject: 'GET x', remedy: 'look', bounds: httpBounds, answered: false };
  const error = transportFailure(Object.assign(new Error(secret), { code }), failing);
  expect(error).toMatchObject({ code: known, next, message: expect.stringContaining(`GET x `) });
  expect(inspect(error)).not.toContain(secret);
});

test('a mistake of ours stays what it is', () => {
  const mistake = new TypeError('x is not a function');
  expect(transportFailure(mistake, { subject: '', remedy: '', bounds: httpBounds, answered: false })).toBe(mistake);
});

test('a thousand calls that fail in every way leave no connection open', async () => {
  const server = await serve(({ url }, response) => {
    const kind = Number(url!.slice(1)) % 5;
    if (kind === 0) return response.destroy();
    if (kind === 1) return response.writeHead(503).end('x'.repeat(100_000));
    if (kind === 2) return response.writeHead(200, { 'content-length': '99' }).write('[', () => response.destroy());
    if (kind === 3) return response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip');
    return response.writeHead(302, { location: 'https://evil.example/' }).end();
  });
  const client = asking(server.url);
  for (let from = 0; from < 1_000; from += 50) {
    const failures = await Promise.all(
      Array.from({ length: 50 }, (_, at) => failure(client.ask({ url: `/${from + at}` }))),
    );
    expect(failures.every((error) => error instanceof Transient || error instanceof NeedsAttention)).toBe(true);
  }
  expect(server.requests).toHaveLength(1_000);
  expect(server.connections().open).toBeLessThanOrEqual(8);
  await client.close();
  await expect.poll(() => server.connections().open).toBe(0);
});
