// A real HTTP server that embeds, or fails in the way a test says. Its vectors are made from the text, so that a test can
// tell whose is whose.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is done with a call; throwing nothing and answering nothing is hanging. */
export type Behaviour = (texts: readonly string[], response: ServerResponse, request: IncomingMessage) => void;

export interface EmbeddingServer {
  readonly url: string;
  /** Texts of each call, in the order of arrival. */
  readonly calls: readonly (readonly string[])[];
  /** Headers of the last call. */
  readonly headers: () => IncomingMessage['headers'];
  readonly bodies: readonly Record<string, unknown>[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

export function vectorOf(text: string, dimensions = 3): number[] {
  return Array.from({ length: dimensions }, (_, at) => (text.length + at) / 8);
}

export const embeds: Behaviour = (texts, response) =>
  answerWith(
    response,
    texts.map((text, index) => ({ index, embedding: vectorOf(text) })),
  );

export function answerWith(response: ServerResponse, data: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ object: 'list', data, model: 'said' }));
}

export function status(code: number, headers: Record<string, string> = {}, body: unknown = {}): Behaviour {
  return (_texts, response) => void response.writeHead(code, headers).end(JSON.stringify(body));
}

/** Each call in its turn; the last one for all that come later. */
export function inTurn(...behaviours: Behaviour[]): Behaviour {
  let at = 0;
  return (...call) => behaviours[Math.min(at++, behaviours.length - 1)]!(...call);
}

export async function startEmbeddingServer(first: Behaviour = embeds): Promise<EmbeddingServer> {
  let behaviour = first;
  let headers: IncomingMessage['headers'] = {};
  const calls: string[][] = [];
  const bodies: Record<string, unknown>[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString()) as { input: string[] };
    headers = request.headers;
    calls.push(body.input);
    bodies.push(body as unknown as Record<string, unknown>);
    behaviour(body.input, response, request);
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    bodies,
    headers: () => headers,
    behave: (next) => void (behaviour = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
