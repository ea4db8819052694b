// A client asks one origin, whatever an answer or a cursor says.
import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { createHttpClient } from '../../src/outside/http-client.js';
import { asking, failure, secret } from '../support/http-clients.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();

test.each([
  'http://evil.example/',
  '//evil.example/x',
  'https://127.0.0.1/',
  'file:///etc/passwd',
  'http://user:pass@127.0.0.1/',
  'http://[',
  'data:,x',
  String.raw`\\evil.example\x`,
])('a URL that leaves the origin is not asked: %s', async (url) => {
  const server = await serve((_, response) => response.end('{}'));
  const client = asking(server.url);
  expect((await failure(client.ask({ url }))).code).toBe('other_origin');
  expect(() => client.target(url)).toThrow(NeedsAttention);
  expect(server.requests).toHaveLength(0);
});

test.each<[string, boolean, string]>([
  ['https://user@api.example/', false, 'password'],
  ['http://api.example/', false, 'plain http'],
  ['ftp://api.example/', true, 'https://host'],
  ['nonsense', true, 'https://host'],
])('no client is made for %s', (base, allowPrivate, why) => {
  expect(() => createHttpClient({ base, allowPrivate })).toThrow(why);
});

test('a description holds no value of a query and no header', async () => {
  const asking = createHttpClient({ base: 'https://api.example/v1' });
  expect(asking.describe({ url: `issues?token=${secret}&page=2&token=x#${secret}` })).toBe(
    'GET https://api.example/v1/issues?token=…&page=…',
  );
  expect(asking.describe({ method: 'POST', url: `/${'x'.repeat(9_000)}` }).length).toBeLessThanOrEqual(500);
});
