// Which proxy is asked, as every program reads it; this machine never through one.
import { expect, test } from 'vitest';
import { createHttpClient } from '../../src/outside/http-client.js';
import { proxyFor } from '../../src/outside/proxy.js';
import { testServers } from '../support/http-server.js';

const { serve, proxyTo } = testServers();
const both = { https: 'http://user:pass@proxy:3128', http: 'proxy:8080' };

test.each<[string, string | undefined, string | undefined]>([
  ['https://api.github.com/', undefined, 'http://user:pass@proxy:3128'],
  ['http://git.internal/', undefined, 'http://proxy:8080'],
  ['https://localhost:8443/', undefined, undefined],
  ['http://127.0.0.1:11434/', undefined, undefined],
  ['http://[::1]/', undefined, undefined],
  ['https://api.github.com/', '*', undefined],
  ['https://api.github.com/', 'github.com', undefined],
  ['https://api.github.com/', 'a.example, .GitHub.com', undefined],
  ['https://api.github.com/', 'a.example *.github.com:443', undefined],
  ['https://api.github.com/', 'github.com:8443', 'http://user:pass@proxy:3128'],
  ['https://api.github.com/', 'hub.com,api.github.co,.,', 'http://user:pass@proxy:3128'],
])('%s without %s is asked through %s', (url, none, proxy) => {
  expect(proxyFor(new URL(url), { ...both, none })).toBe(proxy);
});

test('no setting is no proxy; one that cannot be used is named, and not repeated', () => {
  expect(proxyFor(new URL('https://api.github.com/'), {})).toBeUndefined();
  expect(proxyFor(new URL('https://api.github.com/'), { https: '' })).toBeUndefined();
  for (const https of ['socks5://hunter2', 'http://[hunter2'])
    expect(() => proxyFor(new URL('https://a.example/'), { https })).toThrow(
      /^HTTPS_PROXY: is no proxy; expected http:\/\/host:port$/,
    );
});

test('a call goes through the proxy, but not to an address that nobody may ask', async () => {
  const server = await serve((_, response) => response.end('{}'));
  const proxy = await proxyTo(() => server.port);
  const client = createHttpClient({ base: 'http://git.internal/', allowPrivate: true, proxy: { http: proxy.url } });
  expect((await client.ask({ url: '/' })).json()).toEqual({});
  expect(proxy.hosts).toEqual(['git.internal:80']);
  await client.close();
  await expect(
    createHttpClient({ base: 'https://169.254.169.254/', proxy: { https: proxy.url } }).ask({ url: '/' }),
  ).rejects.toMatchObject({ code: 'address_refused' });
  expect(proxy.hosts).toHaveLength(1);
});

test('a proxy that is away is an outage', async () => {
  const client = createHttpClient({ base: 'https://api.example/', proxy: { https: 'http://127.0.0.1:1' } });
  await expect(client.ask({ url: '/' })).rejects.toMatchObject({ code: 'http_away', next: 'retry' });
});
