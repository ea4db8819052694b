// A source of the fake API, as one of GitHub would be: a stream for each list, pages by Link, conditional requests. The
// example for the API sources to come.
import { z } from 'zod';
import type { Source } from '../../src/domain/source.js';
import { createHttpClient, type HttpClient } from '../../src/outside/http-client.js';
import { nextPage } from '../../src/outside/pages.js';
import { defineStreams } from '../../src/sources/streams.js';
import { streams, type Item } from './fake-api.js';

const options = z.strictObject({ url: z.url(), pageSize: z.int().min(1).max(100).default(10) });

const position = z.strictObject({
  v: z.literal(1),
  /** Items that changed since then are asked for; the newest one seen. */
  since: z.string(),
  /** In the middle of a list: its next page, and the newest item so far. */
  next: z.string().nullable(),
  newest: z.string(),
  /** Of the first page, to be told that nothing is new. */
  etag: z.string().nullable(),
});
type Position = z.infer<typeof position>;

/** `token` is what a secret reference would give. */
export function fakeApiSource(token = 'token-of-the-test', type = 'fake-api'): Source {
  const clients = new Map<string, HttpClient>();
  const clientOf = (url: string): HttpClient => {
    const client =
      clients.get(url) ?? createHttpClient({ base: url, credential: async () => token, allowPrivate: true });
    clients.set(url, client);
    return client;
  };
  return defineStreams<z.infer<typeof options>, Position>({
    type,
    summary: 'an API of the tests',
    argument: 'url',
    options,
    origin: ({ url }) => url,
    defaultId: () => 'fake/api',
    mapperVersion: 1,
    versionOrder: 'time',
    position,
    initialPosition: { v: 1, since: '', next: null, newest: '', etag: null },
    list: async () => streams,
    async hasNews({ options: { url, pageSize }, stream, signal }, { since, etag }) {
      const call = { url: `/${stream}?per_page=${pageSize}&since=${since}`, signal };
      // Without a tag it cannot tell; the round that follows has one.
      return !(await clientOf(url).askIfChanged(call, etag === null ? {} : { etag })).unchanged;
    },
    async *read({ options: { url, pageSize }, stream, signal }, from) {
      const client = clientOf(url);
      let at = from;
      for (;;) {
        const call = { url: at.next ?? `/${stream}?per_page=${pageSize}&since=${at.since}`, signal };
        const first = at.next === null;
        const answer = await client.askIfChanged(call, first && at.etag !== null ? { etag: at.etag } : {});
        if (answer.unchanged) return;
        const items = answer.json() as Item[];
        const next = nextPage(client, answer)?.href ?? null;
        const newest = items.at(-1)?.updated_at ?? at.newest;
        // What is asked next time has another address, and its answer another tag.
        const etag = next === null && first && newest === at.since ? (answer.validators.etag ?? null) : null;
        at = next === null ? { v: 1, since: newest, next: null, newest, etag } : { ...at, next, newest };
        yield { records: items.map((item) => Buffer.from(JSON.stringify(item))), position: at };
        if (next === null) return;
      }
    },
    toEvents(record, { stream }) {
      const { id, title, user, updated_at } = JSON.parse(Buffer.from(record).toString()) as Item;
      const identity = { kind: 'versioned', key: `${stream}/${id}`, version: updated_at } as const;
      return [
        { type: `fake.${stream}`, identity, time: updated_at, subject: `${stream}/${id}`, data: { title, user } },
      ];
    },
  }) as unknown as Source;
}
