// A real server for the real client, that answers as a test says, or breaks HTTP by the byte.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { connect, createServer as createTcp, type AddressInfo, type Server as TcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Signed by itself, for these names; made by openssl, which every git has beside it. */
export function certificateFor(...names: string[]): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-cert-'));
  try {
    const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
    const names_ = names.map((name) => (/^[\d.]+$/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
    const what = [
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${names[0]}`,
    ];
    execFileSync('openssl', ['req', ...what, '-addext', `subjectAltName=${names_}`, '-keyout', key, '-out', cert], {
      stdio: 'ignore',
    });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

export interface TestServer {
  readonly port: number;
  /** Of this machine, by its number. */
  readonly url: string;
  readonly requests: readonly IncomingMessage[];
  /** Connections opened since the start, and those open now. */
  readonly connections: () => { readonly opened: number; readonly open: number };
}

/** Registers the hook that closes all. */
export function testServers() {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function listening(server: TcpServer, protocol: string, requests: IncomingMessage[] = []): Promise<TestServer> {
    const sockets = new Set<Socket>();
    let opened = 0;
    server.on('connection', (socket: Socket) => {
      opened += 1;
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          for (const socket of sockets) socket.destroy();
        }),
    );
    const { port } = server.address() as AddressInfo;
    return {
      port,
      url: `${protocol}://127.0.0.1:${port}`,
      requests,
      connections: () => ({ opened, open: sockets.size }),
    };
  }

  function logged(answer: RequestListener, requests: IncomingMessage[]): RequestListener {
    return (request, response) => {
      requests.push(request);
      answer(request, response);
    };
  }

  async function serve(answer: RequestListener): Promise<TestServer> {
    const requests: IncomingMessage[] = [];
    return listening(createHttp(logged(answer, requests)), 'http', requests);
  }

  async function serveTls(certificate: Certificate, answer: RequestListener): Promise<TestServer> {
    const requests: IncomingMessage[] = [];
    return listening(createHttps({ ...certificate }, logged(answer, requests)), 'https', requests);
  }

  /** What is written once the head of a request has come; the socket is left open unless `answer` ends it. */
  async function serveBytes(answer: (socket: Socket) => void): Promise<TestServer> {
    return listening(
      createTcp((socket) => socket.once('data', () => answer(socket))),
      'http',
    );
  }

  /** A proxy that tunnels whatever host is asked for to one port of this machine. `hosts`: those it was asked for. */
  async function proxyTo(port: () => number): Promise<TestServer & { readonly hosts: string[] }> {
    const hosts: string[] = [];
    const server: Server = createHttp();
    server.on('connect', (request: IncomingMessage, socket: Socket) => {
      hosts.push(request.url ?? '');
      const upstream = connect(port(), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    });
    return { ...(await listening(server, 'http')), hosts };
  }

  return { serve, serveTls, serveBytes, proxyTo };
}
