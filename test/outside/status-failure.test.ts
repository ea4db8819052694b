// What a status means for what to do next, and what it says without repeating what was said.
import { expect, test } from 'vitest';
import { NeedsAttention, Transient, WaitUntil } from '../../src/domain/errors.js';
import { asking, failure } from '../support/http-clients.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();

test.each<[number, string, new (...given: never[]) => Error]>([
  [401, 'http_401', NeedsAttention],
  [402, 'http_402', NeedsAttention],
  [403, 'http_403', NeedsAttention],
  [404, 'http_404', NeedsAttention],
  [408, 'http_408', Transient],
  [409, 'http_409', NeedsAttention],
  [410, 'http_410', NeedsAttention],
  [418, 'http_418', NeedsAttention],
  [422, 'http_422', NeedsAttention],
  [429, 'rate_limited_unsaid', WaitUntil],
  [451, 'http_451', NeedsAttention],
  [500, 'http_500', Transient],
  [501, 'http_501', NeedsAttention],
  [502, 'http_502', Transient],
  [503, 'http_503', Transient],
  [504, 'http_504', Transient],
  [599, 'http_599', Transient],
])('%d is %s', async (status, code, kind) => {
  const server = await serve((request, response) =>
    response.writeHead(status).end(`{"error":"the_word","echo":"${request.headers.authorization}"}`),
  );
  const error = await failure(asking(server.url).ask({ url: '/x?q=canary-query' }));
  expect(error).toBeInstanceOf(kind);
  expect(error).toMatchObject({
    code,
    message: expect.stringContaining(`GET ${server.url}/x?q=… answers ${status} the_word`),
  });
});

test('a status is a value to the caller who says so, but a rate limit is none', async () => {
  const server = await serve(({ url }, response) =>
    response
      .writeHead(Number(url!.slice(1, 4)), url!.endsWith('limit') ? { 'retry-after': '5' } : {})
      .end('{"message":"why"}'),
  );
  const client = asking(server.url);
  for (const status of [403, 404, 410, 409])
    expect((await client.ask({ url: `/${status}`, asValue: [403, 404, 409, 410] })).json()).toEqual({ message: 'why' });
  expect(await failure(client.ask({ url: '/403limit', asValue: [403] }))).toBeInstanceOf(WaitUntil);
});

test('a rate limit is until a moment; where none is said the wait grows with each until an answer comes', async () => {
  const headers: Record<string, string>[] = [{ 'retry-after': '5' }, {}, {}, {}, {}];
  const server = await serve((_, response) =>
    headers.length === 1 && headers.pop() ? response.end('{}') : response.writeHead(429, headers.shift() ?? {}).end(),
  );
  const client = asking(server.url);
  const waits: number[] = [];
  for (let at = 0; at < 6; at++) {
    const error = await client.ask({ url: '/' }).then(
      () => undefined,
      (thrown: WaitUntil) => thrown,
    );
    waits.push(Math.round((error?.waitMs ?? 0) / 1_000));
  }
  expect(waits).toEqual([5, 60, 120, 240, 0, 60]);
});
