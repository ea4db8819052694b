// Where a name leads is judged where the connection is made, so that no name server can say one thing to the check and
// another to the connection (DNS rebinding).
import { expect, test } from 'vitest';
import { createHttpClient } from '../../src/outside/http-client.js';
import type { Resolve } from '../../src/outside/guarded-lookup.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();

/** What a name server says, one answer for each question; the last for ever. */
function saying(...answers: string[][]): { readonly resolve: Resolve; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async resolve(hostname) {
      asked.push(hostname);
      return answers[Math.min(asked.length, answers.length) - 1]!.map((address) => ({
        address,
        family: address.includes(':') ? 6 : 4,
      }));
    },
  };
}

test.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00:ec2::254', '0.0.0.0'])(
  'a name that leads to %s is not asked',
  async (address) => {
    const { resolve, asked } = saying([address]);
    const client = createHttpClient({ base: 'https://api.example/', resolve });
    await expect(client.ask({ url: '/' })).rejects.toMatchObject({ code: 'address_refused', next: 'attention' });
    expect(asked).toEqual(['api.example']);
  },
);

test('one bad address among good ones refuses the name', async () => {
  const { resolve } = saying(['140.82.121.4', '127.0.0.1']);
  await expect(createHttpClient({ base: 'https://api.example/', resolve }).ask({ url: '/' })).rejects.toMatchObject({
    code: 'address_refused',
  });
});

test.each([
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://0177.0.0.1/',
  'https://[::1]/',
  'https://[::ffff:7f00:1]/',
  'https://169.254.169.254/',
  'https://0/',
  'https://localhost/',
  'https://localhost./',
  'https://[64:ff9b::7f00:1]/',
])('a host that is this machine in disguise is not asked: %s', async (base) => {
  await expect(createHttpClient({ base }).ask({ url: '/' })).rejects.toMatchObject({ code: 'address_refused' });
});

test('a private name that a person named is judged anew for each connection: it may not lead to metadata', async () => {
  const server = await serve((_, response) => response.setHeader('connection', 'close').end('{}'));
  const { resolve, asked } = saying(['127.0.0.1'], ['169.254.169.254']);
  const client = createHttpClient({ base: `http://git.internal:${server.port}/`, allowPrivate: true, resolve });
  expect((await client.ask({ url: '/' })).status).toBe(200);
  await expect(client.ask({ url: '/' })).rejects.toMatchObject({ code: 'address_refused' });
  expect(asked).toHaveLength(2);
  expect(server.requests).toHaveLength(1);
});

test('a name that has no address may have one later', async () => {
  const none: Resolve = async () => [];
  await expect(
    createHttpClient({ base: 'https://api.example/', resolve: none }).ask({ url: '/' }),
  ).rejects.toMatchObject({ code: 'http_away', next: 'retry' });
  const failing: Resolve = async () => {
    throw Object.assign(new Error('queryA EAI_AGAIN'), { code: 'EAI_AGAIN' });
  };
  await expect(
    createHttpClient({ base: 'https://api.example/', resolve: failing }).ask({ url: '/' }),
  ).rejects.toMatchObject({ code: 'http_away', message: expect.stringContaining('EAI_AGAIN') });
});

test('a name server that never answers ends with the time to connect', async () => {
  const silent: Resolve = () => new Promise(() => undefined);
  const client = createHttpClient({ base: 'https://api.example/', resolve: silent, bounds: { connectMs: 100 } });
  await expect(client.ask({ url: '/' })).rejects.toMatchObject({
    code: 'http_slow',
    message: expect.stringContaining('no connection within 0.1 s'),
  });
});
