// The pages of a list, by what each says of the next: on the same origin, never in a circle, none left out.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpClient } from '../../src/outside/http-client.js';
import { pagesOf } from '../../src/outside/pages.js';
import { startFakeApi, type FakeApi, type Item } from '../support/fake-api.js';
import { testServers } from '../support/http-server.js';

const { serve } = testServers();
let api: FakeApi;
beforeEach(async () => void (api = await startFakeApi({ sizes: { issues: 25, comments: 0, members: 10 } })));
afterEach(() => api.close());

const client = (base: string) =>
  createHttpClient({ base, allowPrivate: true, credential: async () => 'token-of-the-test' });

async function read(base: string, url: string): Promise<Item[]> {
  const items: Item[] = [];
  for await (const { answer } of pagesOf(client(base), { url })) items.push(...(answer.json() as Item[]));
  return items;
}

test('all items come, in their order; an empty list is one page; a full page may be the last', async () => {
  expect(await read(api.url, 'issues?per_page=7')).toEqual(api.items('issues'));
  expect(await read(api.url, 'comments')).toEqual([]);
  expect(await read(api.url, 'members?per_page=10')).toEqual(api.items('members'));
  expect(api.calls.map(({ stream, page }) => `${stream} ${page}`)).toEqual([
    'issues 1',
    'issues 2',
    'issues 3',
    'issues 4',
    'comments 1',
    'members 1',
  ]);
});

test('who stops asks no further, and goes on later from where it stopped', async () => {
  const asking = client(api.url);
  for await (const { next } of pagesOf(asking, { url: 'issues' })) {
    expect(next?.searchParams.get('page')).toBe('2');
    break;
  }
  expect(api.calls).toHaveLength(1);
  const pages: number[] = [];
  for await (const { answer } of pagesOf(asking, { url: `${api.url}/issues?page=2` }))
    pages.push((answer.json() as Item[]).length);
  expect(pages).toEqual([10, 5]);
});

test.each([
  '<http://evil.example/issues?page=2>; rel="next"',
  '<//evil.example/>; rel=next',
  '<file:///etc/passwd>; rel=next',
  '<http://[>; rel=next',
])('a next page that is elsewhere is not asked: %s', async (link) => {
  const server = await serve((_, response) => response.setHeader('link', link).end('[]'));
  await expect(read(server.url, '/issues')).rejects.toMatchObject({ code: 'other_origin', next: 'attention' });
  expect(server.requests).toHaveLength(1);
});

test.each([1, 2, 3, 7])('a circle of %d pages is noticed before it was read four times', async (length) => {
  const server = await serve(({ url }, response) => {
    const page = Number(new URL(url!, 'http://localhost').searchParams.get('page') ?? -3);
    // Three pages lead into it.
    response.setHeader('link', `</issues?page=${page < 0 ? page + 1 : (page + 1) % length}>; rel="next"`).end('[]');
  });
  await expect(read(server.url, '/issues')).rejects.toMatchObject({ code: 'page_loop' });
  expect(server.requests.length).toBeLessThanOrEqual(3 + 4 * Math.max(4, length));
});

test('a long list is no circle', async () => {
  const server = await serve(({ url }, response) => {
    const page = Number(new URL(url!, 'http://localhost').searchParams.get('page') ?? 1);
    response.setHeader('link', page < 200 ? `<?page=${page + 1}>; rel="next"` : '').end(`[${page}]`);
  });
  expect(await read(server.url, '/issues')).toEqual(Array.from({ length: 200 }, (_, at) => at + 1));
});
