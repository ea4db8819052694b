// A vendor's API in small, as GitHub's: three streams of items made from a seed, pages by Link, ETags, a token, faults
// as a test says, and a log of what was asked when. What must be stored in the end is `items`.
import { createHash } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Fault } from './fake-api-faults.js';

export const streams = ['issues', 'comments', 'members'] as const;
export type Stream = (typeof streams)[number];

export interface Item {
  readonly id: number;
  readonly title: string;
  /** Null: the account is gone. */
  readonly user: string | null;
  readonly updated_at: string;
}

export interface ApiCall {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly stream: Stream;
  readonly page: number;
  readonly headers: IncomingHttpHeaders;
  /** Undefined while it is answered, and where a fault broke the answer. */
  status?: number;
  /** It came before the time that an earlier answer of this stream had named. */
  readonly early: boolean;
}

export interface FakeApi {
  readonly url: string;
  readonly calls: readonly ApiCall[];
  /** As they are now, in the order they are listed: the longest unchanged first. */
  items(stream: Stream): readonly Item[];
  /** The next calls of this stream get these, one each. */
  failNext(stream: Stream, ...faults: Fault[]): void;
  /** All calls from now on; undefined: it is mended. */
  failAlways(stream: Stream, fault: Fault | undefined): void;
  add(stream: Stream, count: number): void;
  /** Its title and time change, so it moves to the end of the list. */
  edit(stream: Stream, id: number): void;
  close(): Promise<void>;
}

export interface FakeApiOptions {
  readonly seed?: number;
  readonly sizes?: Partial<Record<Stream, number>>;
  readonly token?: string;
  /** Items of a page where nobody asks for `per_page`. */
  readonly pageSize?: number;
}

interface State {
  readonly options: Required<Pick<FakeApiOptions, 'seed' | 'token' | 'pageSize'>>;
  readonly items: Readonly<Record<Stream, Item[]>>;
  readonly next: Readonly<Record<Stream, Fault[]>>;
  readonly always: Map<Stream, Fault>;
  readonly quietUntil: Map<Stream, number>;
  readonly calls: ApiCall[];
  /** Seconds since the first item; each change is later than all before. */
  clock: number;
}

export async function startFakeApi({
  seed = 1,
  sizes = {},
  token = 'token-of-the-test',
  pageSize = 10,
}: FakeApiOptions = {}): Promise<FakeApi> {
  const perStream = <T>(make: () => T) => ({ issues: make(), comments: make(), members: make() });
  const state: State = {
    options: { seed, token, pageSize },
    items: perStream<Item[]>(() => []),
    next: perStream<Fault[]>(() => []),
    always: new Map(),
    quietUntil: new Map(),
    calls: [],
    clock: 0,
  };
  for (const stream of streams) addItems(state, stream, sizes[stream] ?? 25);
  const server = createServer((request, response) => answer(state, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: state.calls,
    items: (stream) => state.items[stream],
    failNext: (stream, ...faults) => void state.next[stream].push(...faults),
    failAlways: (stream, fault) =>
      void (fault === undefined ? state.always.delete(stream) : state.always.set(stream, fault)),
    add: (stream, count) => addItems(state, stream, count),
    edit: (stream, id) => editItem(state, stream, id),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function addItems(state: State, stream: Stream, count: number): void {
  const items = state.items[stream];
  // An edited item keeps its id, so the number of items is the last one's.
  for (let id = items.length + 1, last = items.length + count; id <= last; id++)
    items.push(itemOf(state, stream, id, 0));
}

function editItem(state: State, stream: Stream, id: number): void {
  const items = state.items[stream];
  items.splice(
    items.findIndex((item) => item.id === id),
    1,
  );
  items.push(itemOf(state, stream, id, state.clock));
}

/** The same for the same seed, stream, id and edit. */
function itemOf(state: State, stream: Stream, id: number, edit: number): Item {
  const random = createHash('sha256').update(`${state.options.seed} ${stream} ${id} ${edit}`).digest();
  const user = random[0]! % 10 === 0 ? null : `user-${random[1]! % 20}`;
  const updated_at = new Date(Date.UTC(2024, 0, 1) + 1_000 * (state.clock += 1 + (random[2]! % 60)))
    .toISOString()
    .replace('.000', '');
  return { id, title: `${stream} ${id} ${random.toString('hex', 3, 9)} ✓`, user, updated_at };
}

function answer(state: State, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const stream = streams.find((name) => url.pathname === `/${name}`);
  if (stream === undefined) return json(response, 404, { error: 'not_found' });
  const page = Number(url.searchParams.get('page') ?? 1);
  const early = Date.now() < (state.quietUntil.get(stream) ?? 0);
  const call: ApiCall = { at: Date.now(), stream, page, headers: request.headers, early };
  state.calls.push(call);
  response.on('finish', () => void (call.status = response.statusCode));
  if (request.headers.authorization !== `Bearer ${state.options.token}`)
    return json(response, 401, { error: 'bad_credentials' });
  const fault = state.next[stream].shift() ?? state.always.get(stream);
  if (fault === undefined) return list(state, stream, url, request, response);
  const quietMs = fault(request, response);
  if (quietMs !== undefined) state.quietUntil.set(stream, Date.now() + quietMs);
}

/** `since` is inclusive, as GitHub's. */
function list(
  { items, options }: State,
  stream: Stream,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const since = url.searchParams.get('since') ?? '';
  const [page, size] = [
    Number(url.searchParams.get('page') ?? 1),
    Number(url.searchParams.get('per_page') ?? options.pageSize),
  ];
  const found = items[stream].filter(({ updated_at }) => updated_at >= since);
  const body = JSON.stringify(found.slice((page - 1) * size, page * size));
  const etag = `"${createHash('sha256').update(`${page} ${found.length} ${body}`).digest('hex')}"`;
  const last = Math.max(1, Math.ceil(found.length / size));
  const linkTo = (to: number, relation: string): string => {
    const target = new URL(url);
    target.searchParams.set('page', String(to));
    return `<http://${request.headers.host}${target.pathname}${target.search}>; rel="${relation}"`;
  };
  const links = [
    ...(page > 1 ? [linkTo(page - 1, 'prev')] : []),
    ...(page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : []),
  ];
  const headers = { etag, ...(links.length === 0 ? {} : { link: links.join(', ') }) };
  if (request.headers['if-none-match'] === etag) return void response.writeHead(304, headers).end();
  response.writeHead(200, { ...headers, 'content-type': 'application/json; charset=utf-8' }).end(body);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
