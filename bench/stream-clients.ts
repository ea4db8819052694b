// Clients of the live stream in a process of their own, as it is with clients: they count what they get, and when.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export interface Watch {
  readonly url: string;
  readonly clients: number;
  readonly paused: boolean;
  /** It ends when each client has so many. */
  readonly events?: number;
}

export interface Seen {
  /** Of each client, without repeats. */
  readonly counts: readonly number[];
  /** Of all of them, after they were dropped or cut off. */
  readonly returns: number;
  /** The event's number and the nanosecond of the machine's clock; of the first thousand of each client. */
  readonly times: readonly (readonly [n: number, at: string])[];
  readonly last: string;
}

/** Of one connection; heartbeats come four times as often. */
const silenceMs = 60_000;
const timesMax = 1_000;

process.once('message', (watch: Watch) => void run(watch));

async function run({ url, clients, paused, events = 0 }: Watch): Promise<void> {
  const responses = await Promise.all(Array.from({ length: clients }, () => connect(url)));
  process.send!({ ready: true });
  if (paused) return;
  const told = newTold();
  const all = await Promise.all(responses.map((response) => watch(url, response, events, told)));
  const counts = all.map(({ count }) => count);
  const returns = all.reduce((sum, client) => sum + client.returns, 0);
  process.send!({ counts, returns, times: told.times, last: String(told.last) } satisfies Seen);
}

async function connect(url: string, id = ''): Promise<IncomingMessage> {
  const request = get(url, { agent: false, headers: id === '' ? {} : { 'last-event-id': id } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.setTimeout(silenceMs, () => response.destroy());
  return response.setEncoding('utf8');
}

function newTold() {
  return { times: [] as [number, string][], last: process.hrtime.bigint() };
}

/** As a browser does it: cut off, or dropped, it comes back with the last id. */
async function watch(url: string, first: IncomingMessage, events: number, told: ReturnType<typeof newTold>) {
  const numbers = new Set<number>();
  let [id, returns] = ['', 0];
  for (let response = first; ; response = await connect(url, id), returns += 1) {
    let rest = '';
    try {
      for await (const part of response) {
        const now = process.hrtime.bigint();
        const lines = (rest + String(part)).split('\n');
        rest = lines.pop()!;
        for (const line of lines) {
          if (line.startsWith('id: ')) id = line.slice(4);
          if (!line.startsWith('data: {"specversion')) continue;
          const n = Number(/"n":(\d+)/.exec(line)![1]);
          if (numbers.size < timesMax) told.times.push([n, String(now)]);
          numbers.add(n);
          told.last = now;
        }
        // Heartbeats come still, and events no more: some are missing.
        const isOver = numbers.size >= events || Number(now - told.last) / 1e6 > silenceMs;
        if (isOver) return { count: numbers.size, returns };
      }
    } catch {
      // Cut off.
    }
  }
}
