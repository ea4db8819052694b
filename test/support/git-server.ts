// A git server on loopback: git's own http-backend behind Node's http, and whatever else may answer in its place.
import { spawn } from 'node:child_process';
import { createServer, request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { Repository } from '../sources/git/repository.js';

/** Answers a request by itself (true), or leaves it to git. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface GitServer {
  /** `http://127.0.0.1:port` */
  readonly address: string;
  /** Of the repository. */
  readonly url: string;
  /** What answers instead of git; null: git does. */
  answer: Answer | null;
  /** Requests so far: `GET /repo/info/refs?service=git-upload-pack`. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Serves the repository at this path under its own name. */
export async function gitServer(path: string): Promise<GitServer> {
  const requests: string[] = [];
  const http = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (server.answer?.(request, response) !== true) backend(dirname(path), request, response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const address = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const close = async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  };
  const server: GitServer = { address, url: `${address}/${basename(path)}`, answer: null, requests, close };
  return server;
}

function backend(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
  const { headers } = request;
  const git = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: headers['content-type'],
      HTTP_CONTENT_ENCODING: headers['content-encoding'],
      GIT_PROTOCOL: [headers['git-protocol'] ?? ''].flat()[0],
    },
  });
  git.stdin.on('error', () => {});
  request.pipe(git.stdin);
  const parts: Buffer[] = [];
  git.stdout.on('data', (part: Buffer) => parts.push(part));
  git.on('close', () => {
    const all = Buffer.concat(parts);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.subarray(0, end).toString('latin1').split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else if (name !== '') response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}

/** The same text to every question. */
export function always(status: number, type: string, body: string): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': type }).end(body);
    return true;
  };
}

/** Lets in who brings this header. */
export function wants(header: string): Answer {
  return ({ headers }, response) => {
    if (headers.authorization === header) return false;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="acme"' }).end();
    return true;
  };
}

export function asPassword(user: string, secret: string): string {
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** A repository of three commits; `answer` answers before git does. */
export async function repositoryServer(answer: Answer): Promise<GitServer & AsyncDisposable> {
  const repository = Repository.create();
  repository.line(3);
  const server = await gitServer(repository.path);
  server.answer = answer;
  return Object.assign(server, { [Symbol.asyncDispose]: () => server.close() });
}

/** Asks there what was asked here. */
export function forward(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const onward = ask(url, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  request.pipe(onward);
}
