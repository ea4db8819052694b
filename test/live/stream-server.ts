// The stream's handler on a plain Node server, as a door registers it, and a client that sees the bytes.
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openStream, type LiveStream, type StreamParts } from '../../src/live/stream.js';

export interface StreamServer {
  readonly url: string;
  readonly stream: LiveStream;
  /** Of clients that are there. */
  readonly responses: ReadonlySet<ServerResponse>;
  /** As a proxy that is restarted, or a network that fails. */
  cutAll(): void;
  close(): Promise<void>;
}

export async function startStreamServer(parts: StreamParts): Promise<StreamServer> {
  const stream = openStream(parts);
  const responses = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    responses.add(response);
    response.once('close', () => responses.delete(response));
    void stream.handle(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/stream`,
    stream,
    responses,
    cutAll: () => server.closeAllConnections(),
    async close() {
      stream.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface RawClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  text(): string;
  readonly ended: Promise<unknown>;
  pause(): void;
  resume(): void;
  close(): void;
}

/** `paused`: it takes the headers and nothing else. */
export async function rawClient(url: string, lastEventId?: string, paused = false): Promise<RawClient> {
  const headers = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
  const request = get(url, { headers, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8');
  const ended = new Promise((resolve) => response.once('close', resolve));
  response.on('error', () => undefined);
  if (!paused) response.on('data', (part: string) => (text += part));
  return {
    status: response.statusCode!,
    headers: response.headers,
    text: () => text,
    ended,
    pause: () => void response.pause(),
    resume: () => void (paused ? response.on('data', (part: string) => (text += part)) : response.resume()),
    close: () => void request.destroy(),
  };
}
