// Clients of the live stream in a process of their own, as it is with clients: they count what they get, and when.
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

export interface Watch {
  readonly url: string;
  readonly clients: number;
  readonly paused: boolean;
  /** It ends when each client has so many, or nothing came for a while. */
  readonly events?: number;
}

export interface Seen {
  /** Of each client, without repeats. */
  readonly counts: readonly number[];
  /** The event's number and the nanosecond of the machine's clock; of the first thousand of each client. */
  readonly times: readonly (readonly [n: number, at: string])[];
  readonly last: string;
}

const silenceMs = 10_000;
const timesMax = 1_000;

process.once('message', (watch: Watch) => void run(watch));

async function run({ url, clients, paused, events = 0 }: Watch): Promise<void> {
  const responses = await Promise.all(
    Array.from({ length: clients }, async () => {
      const request = get(url, { agent: false });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      return response;
    }),
  );
  if (!paused) void watchAll(responses, events);
  process.send!({ ready: true });
}

async function watchAll(responses: readonly IncomingMessage[], events: number): Promise<void> {
  const times: [number, string][] = [];
  let last = process.hrtime.bigint();
  const counts = await Promise.all(
    responses.map(async (response) => {
      const numbers = new Set<number>();
      let rest = '';
      response.setTimeout(silenceMs, () => response.destroy());
      response.on('error', () => undefined);
      for await (const part of response.setEncoding('utf8')) {
        const now = process.hrtime.bigint();
        const lines = (rest + String(part)).split('\n');
        rest = lines.pop()!;
        for (const line of lines) {
          const n = line.startsWith('data: {"specversion') ? Number(/"n":(\d+)/.exec(line)?.[1]) : Number.NaN;
          if (Number.isNaN(n)) continue;
          if (numbers.size < timesMax) times.push([n, String(now)]);
          numbers.add(n);
          last = now;
        }
        if (numbers.size >= events) break;
      }
      return numbers.size;
    }),
  );
  process.send!({ counts, times, last: String(last) } satisfies Seen);
}
