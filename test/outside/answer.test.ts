// What came whole is bytes, text, JSON; what is no JSON, or is cut, is never taken for an empty answer.
import { expect, test } from 'vitest';
import { asking, failure, secret } from '../support/http-clients.js';
import { testServers } from '../support/http-server.js';

const { serve, serveBytes } = testServers();

test('an answer comes with its status, headers, bytes, text and JSON', async () => {
  const bytes = Buffer.from('\ufeff{"name":"été","id":1}');
  const server = await serve((_, response) =>
    response
      .setHeader('x-kept', 'yes')
      .setHeader('content-type', 'application/vnd.github+json; charset=utf-8')
      .end(bytes),
  );
  const answer = await asking(`${server.url}/api/v3`).ask({
    url: 'repos/a/b?page=2',
    headers: { accept: 'application/vnd.github+json' },
  });
  expect(server.requests[0]).toMatchObject({
    method: 'GET',
    url: '/api/v3/repos/a/b?page=2',
    headers: { authorization: `Bearer ${secret}`, accept: 'application/vnd.github+json', 'user-agent': 'tributary' },
  });
  expect(answer).toMatchObject({ status: 200, unchanged: false, headers: { 'x-kept': 'yes' } });
  expect(answer.url.href).toBe(`${server.url}/api/v3/repos/a/b?page=2`);
  expect(answer.bytes.equals(bytes)).toBe(true);
  expect(answer.json()).toEqual({ name: 'été', id: 1 });
});

test('what is no UTF-8 stays as bytes, and reads with replacement', async () => {
  const bytes = Buffer.from([0x22, 0xff, 0xed, 0xa0, 0x80, 0x22]);
  const server = await serve((_, response) => response.end(bytes));
  const answer = await asking(server.url).ask({ url: '/' });
  expect(answer.bytes.equals(bytes)).toBe(true);
  expect(answer.json()).toBe('\ufffd\ufffd\ufffd\ufffd');
});

test('unchanged is a value: validators go back as they came', async () => {
  const server = await serve((request, response) => {
    if (request.headers['if-none-match'] === 'W/"abc"' && request.headers['if-modified-since'] === 'yesterday')
      return response.writeHead(304).end();
    return response.setHeader('etag', 'W/"abc"').setHeader('last-modified', 'yesterday').end('[1]');
  });
  const client = asking(server.url);
  const first = await client.askIfChanged({ url: '/' }, {});
  expect(first).toMatchObject({ unchanged: false, validators: { etag: 'W/"abc"', lastModified: 'yesterday' } });
  expect(await client.askIfChanged({ url: '/' }, first.validators)).toMatchObject({ unchanged: true, status: 304 });
  expect(await client.askIfChanged({ url: '/' }, { etag: '"other"' })).toMatchObject({ unchanged: false });
});

test('a 304 to who did not ask what changed is no empty answer', async () => {
  const server = await serve((_, response) => response.writeHead(304).end());
  expect((await failure(asking(server.url).ask({ url: '/' }))).code).toBe('http_304');
});

test.each(['*', 'abc', '"a"b"', `"${'x'.repeat(2_000)}"`])('an ETag that is none is not kept: %s', async (etag) => {
  const server = await serve((_, response) => response.setHeader('etag', etag).end('[1]'));
  expect((await asking(server.url).ask({ url: '/' })).validators).toEqual({});
});

test.each<[string, string, string, string]>([
  ['a login page', 'text/html', '<html>', 'answer_not_json'],
  ['an empty page', 'text/html', '', 'answer_not_json'],
  ['XML', 'application/xml', '<a/>', 'answer_not_json'],
  ['an image', 'image/png', '[]', 'answer_not_json'],
  ['a type that is none', 'a b\tc', '[]', 'answer_not_json'],
  ['half of it', 'application/json', '[{"id":1},{"i', 'answer_malformed'],
  ['nothing', 'application/json', '', 'answer_malformed'],
  ['two of it', 'application/json', '[][]', 'answer_malformed'],
  ['a comment', 'text/json; charset=utf-8', '[] // end', 'answer_malformed'],
])('200 with %s is never an empty list', async (_, type, body, code) => {
  const server = await serve((_request, response) => response.writeHead(200, { 'content-type': type }).end(body));
  const answer = await asking(server.url).ask({ url: '/' });
  expect(answer.text()).toBe(body);
  const error = await failure(Promise.resolve().then(() => answer.json()));
  expect(error).toMatchObject({ code });
  // A cause would quote the body.
  expect(error).not.toHaveProperty('cause');
});

test('204 and HEAD have no body, and asked for JSON they say so', async () => {
  const server = await serve((_, response) => response.writeHead(204).end());
  const answer = await asking(server.url).ask({ method: 'HEAD', url: '/' });
  expect(answer.bytes).toHaveLength(0);
  expect(() => answer.json()).toThrow(/it is empty/);
});

test('a length that is too small cuts the answer, and that is told', async () => {
  const server = await serveBytes(
    (socket) =>
      void socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"a":[1,2,3]}'),
  );
  const answer = asking(server.url)
    .ask({ url: '/' })
    .then((content) => content.json());
  expect(await failure(answer)).toMatchObject({ code: 'answer_malformed' });
});
