// One call is one request: its credential, its turn, its end.
import { expect, test } from 'vitest';
import { NeedsAttention } from '../../src/domain/errors.js';
import { createBudget } from '../../src/outside/budget.js';
import { asking, failure, secret } from '../support/http-clients.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();

test('the credential is read for each call and sent as the vendor wants it, or not where there is none', async () => {
  const server = await serve((_, response) => response.end('{}'));
  const secrets = ['first', 'second', undefined];
  const client = asking(server.url, {
    credential: async () => secrets.shift(),
    credentialHeaders: (one) => ({ 'private-token': one }),
  });
  for (let at = 0; at < 3; at++) await client.ask({ url: '/' });
  expect(server.requests.map(({ headers }) => headers['private-token'])).toEqual(['first', 'second', undefined]);
  expect(server.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test('a credential that cannot be read asks nobody; one with a line feed forges no header', async () => {
  const server = await serve((_, response) => response.end('{}'));
  await expect(
    asking(server.url, {
      credential: async () => {
        throw new NeedsAttention('secret_missing', 'env:X has no secret');
      },
    }).ask({ url: '/' }),
  ).rejects.toMatchObject({ code: 'secret_missing' });
  expect(
    (await failure(asking(server.url, { credential: async () => `${secret}\r\nx: y` }).ask({ url: '/' }))).code,
  ).toBe('request_invalid');
  expect(server.requests).toHaveLength(0);
});

test('the budget is told what is left, and nobody asks when nothing is', async () => {
  const server = await serve((_, response) =>
    response.setHeader('x-ratelimit-remaining', '0').setHeader('x-ratelimit-reset', '60').end('{}'),
  );
  const client = asking(server.url, { budget: createBudget(4) });
  await client.ask({ url: '/' });
  expect(await failure(client.ask({ url: '/' }))).toMatchObject({ code: 'budget_spent' });
  expect(server.requests).toHaveLength(1);
});

test('a turn of the budget ends with its call, however that ends', async () => {
  const server = await serve(({ url }, response) =>
    url === '/reset' ? response.destroy() : response.writeHead(url === '/500' ? 500 : 200).end('{}'),
  );
  const client = asking(server.url, { budget: createBudget(1), credential: async () => secret });
  for (const url of ['/reset', '/500', 'http://evil.example/', '/reset']) await failure(client.ask({ url }));
  expect((await client.ask({ url: '/' })).status).toBe(200);
});

test('one call is one request, also when it fails: nothing is retried', async () => {
  const server = await serve(({ url }, response) =>
    url === '/reset' ? response.destroy() : response.writeHead(503).end(),
  );
  for (const method of ['GET', 'POST'] as const)
    for (const url of ['/reset', '/503']) await failure(asking(server.url).ask({ method, url }));
  expect(server.requests).toHaveLength(4);
});

test('a caller who stops gets its own reason', async () => {
  const server = await serve(() => undefined);
  const stop = new AbortController();
  const client = asking(server.url);
  const asked = client.ask({ url: '/', signal: stop.signal });
  await expect.poll(() => server.requests.length).toBe(1);
  stop.abort(Object.assign(new Error('the run was stopped'), { code: 'ECONNRESET' }));
  await expect(asked).rejects.toThrow('the run was stopped');
  await expect(client.ask({ url: '/', signal: stop.signal })).rejects.toThrow('the run was stopped');
  expect(server.requests).toHaveLength(1);
  await client.close();
  await expect.poll(() => server.connections().open).toBe(0);
});

test('connections are used again, and closed with their client', async () => {
  const server = await serve((_, response) => response.end('{}'));
  const client = asking(server.url);
  for (let at = 0; at < 20; at++) await client.ask({ url: `/${at}` });
  expect(server.connections()).toEqual({ opened: 1, open: 1 });
  await client.close();
  await expect.poll(() => server.connections().open).toBe(0);
});
