// Bodies are unpacked, and bounded while they come.
import type { ServerResponse } from 'node:http';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { asking, failure, nothingLeft } from '../support/http-clients.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();
const mib = 1024 * 1024;
const quickBrotli = (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
const json = { 'content-type': 'application/json' };

test.each([
  ['gzip', gzipSync],
  ['x-gzip', gzipSync],
  ['br', brotliCompressSync],
  ['deflate', deflateSync],
  ['identity', (text: string) => text],
])('%s is unpacked', async (coding, pack) => {
  const server = await serve((_, response) =>
    response.writeHead(200, { ...json, 'content-encoding': coding }).end(pack('{"a":1}')),
  );
  expect((await asking(server.url).ask({ url: '/' })).json()).toEqual({ a: 1 });
});

test('what is packed twice is unpacked twice; three times is refused, as is what nobody asked for', async () => {
  const codings: Record<string, [string, Buffer]> = {
    '/2': ['br, gzip', gzipSync(brotliCompressSync('{"a":1}'))],
    '/3': ['gzip, gzip, gzip', gzipSync(gzipSync(gzipSync('{"a":1}')))],
    '/zstd': ['zstd', Buffer.from('x')],
    '/proto': ['__proto__', Buffer.from('x')],
  };
  const server = await serve(({ url }, response) =>
    response.writeHead(200, { ...json, 'content-encoding': codings[url!]![0] }).end(codings[url!]![1]),
  );
  expect((await asking(server.url).ask({ url: '/2' })).json()).toEqual({ a: 1 });
  for (const url of ['/3', '/zstd', '/proto'])
    expect(await failure(asking(server.url).ask({ url }))).toMatchObject({ code: 'answer_coding' });
});

test.each([
  ['gzip', gzipSync],
  ['br', quickBrotli],
])('a bomb of %s is ended at the bound, not after it', async (coding, pack) => {
  const bomb = pack(Buffer.alloc(100 * mib, 32));
  const server = await serve((_, response) =>
    response.writeHead(200, { ...json, 'content-encoding': coding }).end(bomb),
  );
  const before = process.memoryUsage().rss;
  const error = await failure(asking(server.url, { bounds: { bodyBytesMax: mib } }).ask({ url: '/' }));
  expect(error).toBeInstanceOf(NeedsAttention);
  expect(error).toMatchObject({ code: 'answer_too_large' });
  expect(process.memoryUsage().rss - before).toBeLessThan(64 * mib);
});

test('what is packed without end and holds nothing is ended at the bound too', async () => {
  const empty = Buffer.from('000000ffff'.repeat(mib / 2), 'hex');
  const start = Buffer.from('1f8b0800000000000003', 'hex');
  const server = await serve((_, response) =>
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(Buffer.concat([start, empty])),
  );
  const client = asking(server.url, { bounds: { bodyBytesMax: mib } });
  expect(await failure(client.ask({ url: '/' }))).toMatchObject({ code: 'answer_too_large' });
});

test('a body without end is ended at the bound, as is one whose length says so', async () => {
  const flood = (response: ServerResponse): void => {
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, 32)));
    };
    response.on('drain', more);
    more();
  };
  const server = await serve(({ url }, response) =>
    url === '/length'
      ? response.writeHead(200, { 'content-length': String(2 * mib) }).end(Buffer.alloc(2 * mib))
      : flood(response),
  );
  for (const url of ['/', '/length'])
    expect(await failure(asking(server.url, { bounds: { bodyBytesMax: mib } }).ask({ url }))).toMatchObject({
      code: 'answer_too_large',
    });
  await nothingLeft(server);
});

test('a refusal without end costs a few bytes of it, and its status counts', async () => {
  const server = await serve((_, response) => {
    response.writeHead(404);
    const timer = setInterval(() => response.write(Buffer.alloc(64 * 1024, 97)), 1);
    response.on('close', () => clearInterval(timer));
  });
  expect(await failure(asking(server.url).ask({ url: '/' }))).toMatchObject({ code: 'http_404' });
  await nothingLeft(server);
});
