// Redirects of the origin are followed; others by leave of the caller, and the credential never goes with them.
import { expect, test } from 'vitest';
import { asking, failure, secret } from '../support/http-clients.js';
import { certificateFor, testServers } from '../support/http-server.js';

const { serve, serveTls, proxyTo } = testServers();

test('redirects of the same origin keep the credential, and the answer says where it came from', async () => {
  const server = await serve(({ url }, response) =>
    url === '/new' ? response.end('[1]') : response.writeHead(301, { location: '/new' }).end('moved'),
  );
  const answer = await asking(server.url).ask({ url: '/old' });
  expect(answer.url.pathname).toBe('/new');
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${secret}`, `Bearer ${secret}`]);
});

test.each<[string, Record<string, string>]>([
  ['to another origin', { location: 'https://evil.example/' }],
  ['to plain http of another', { location: 'http://evil.example/' }],
  ['to another port', { location: 'http://127.0.0.1:1/' }],
  ['to metadata', { location: 'http://169.254.169.254/latest' }],
  ['to a file', { location: 'file:///etc/passwd' }],
  ['to a password', { location: 'https://user:pass@evil.example/' }],
  ['to nowhere', {}],
  ['to what is no URL', { location: 'http://[' }],
])('a redirect %s is refused', async (_, headers) => {
  const server = await serve((_request, response) => response.writeHead(302, headers).end());
  expect((await failure(asking(server.url).ask({ url: '/' }))).code).toBe('redirect_refused');
  expect(server.requests).toHaveLength(1);
});

test('a redirect to the origin itself with a password in it is refused', async () => {
  const server = await serve(({ headers }, response) =>
    response.writeHead(302, { location: `http://user:pass@${headers.host}/` }).end(),
  );
  expect((await failure(asking(server.url).ask({ url: '/' }))).code).toBe('redirect_refused');
  expect(server.requests).toHaveLength(1);
});

test('a base that a person named may be private, but no other origin that it leads to', async () => {
  const server = await serve((_, response) => response.writeHead(302, { location: 'https://127.0.0.1:1/' }).end());
  const error = await failure(asking(server.url).ask({ url: '/', otherOrigins: true }));
  expect(error.code).toBe('address_refused');
});

test('a redirect in a circle ends after five, and what is posted is never redirected', async () => {
  const server = await serve((_, response) => response.writeHead(307, { location: '/again' }).end());
  expect((await failure(asking(server.url).ask({ url: '/' }))).code).toBe('redirect_refused');
  expect(server.requests).toHaveLength(6);
  expect((await failure(asking(server.url).ask({ method: 'POST', url: '/', body: '{}' }))).code).toBe('http_307');
  expect(server.requests).toHaveLength(7);
});

test('where another origin is allowed, a redirect takes no credential and no header along, also not back', async () => {
  const certificate = certificateFor('api.example', 'files.example');
  const server = await serveTls(certificate, (request, response) => {
    const host = request.headers.host!;
    if (request.url === '/file') return response.writeHead(302, { location: 'https://files.example/signed' }).end();
    if (request.url === '/signed') return response.writeHead(302, { location: '/moved' }).end();
    if (host === 'files.example') return response.writeHead(302, { location: 'https://api.example/home' }).end();
    return response.end('[1]');
  });
  const proxy = await proxyTo(() => server.port);
  const options = { allowPrivate: false, ca: certificate.cert, proxy: { https: proxy.url } };
  const client = asking('https://api.example/', options);
  expect((await client.ask({ url: '/file', otherOrigins: true, headers: { 'x-own': 'mine' } })).url.href).toBe(
    'https://api.example/home',
  );
  const seen = server.requests.map(({ headers }) => [
    headers.host,
    headers.authorization,
    headers['x-own'],
    headers.cookie,
  ]);
  expect(seen).toEqual([
    ['api.example', `Bearer ${secret}`, 'mine', undefined],
    ['files.example', undefined, undefined, undefined],
    ['files.example', undefined, undefined, undefined],
    ['api.example', undefined, undefined, undefined],
  ]);
  expect((await failure(client.ask({ url: '/file' }))).code).toBe('redirect_refused');
  expect(new Set(proxy.hosts)).toEqual(new Set(['api.example:443', 'files.example:443']));
  await client.close();
});

test('https is not left for http, whoever is asked', async () => {
  const certificate = certificateFor('127.0.0.1');
  const plain = await serve((_, response) => response.end('{}'));
  const server = await serveTls(certificate, (_, response) => response.writeHead(302, { location: plain.url }).end());
  expect((await failure(asking(server.url, { ca: certificate.cert }).ask({ url: '/', otherOrigins: true }))).code).toBe(
    'redirect_refused',
  );
  expect(plain.requests).toHaveLength(0);
});
