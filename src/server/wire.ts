// What is wrong before there is a request: the bytes are no HTTP, or come too slowly.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { serverLimits } from './limits.js';
import { badRequest, Problem, problemType } from './problem.js';

/** Of Node's parser. */
interface WireError extends Error {
  readonly code?: string;
}

/** The answer by hand: there is no response to write to. */
export function refuseClient(error: WireError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy(error);
  const { status, body } = wireProblem(error.code);
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${status} ${statusWords[status]}\r\ncontent-type: ${problemType}\r\ncontent-length: ${Buffer.byteLength(text)}\r\nconnection: close\r\n\r\n${text}`,
  );
}

const statusWords: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  431: 'Request Header Fields Too Large',
};

function wireProblem(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return tooManyHeaders(`the headers have more than ${serverLimits.headersBytesMax} bytes`);
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem({ status: 408, code: 'too_slow', detail: 'the request did not come in time' });
    default:
      return badRequest('not_http', 'what came is no HTTP request');
  }
}

function tooManyHeaders(detail: string): Problem {
  return new Problem({ status: 431, code: 'headers_too_large', detail });
}

/** Node leaves out what is above its bound without a word, and a signature may be among it. Of what may stand once it joins or keeps one. */
export function assertHeaders({ rawHeaders, headers }: IncomingMessage): void {
  if (rawHeaders.length / 2 > serverLimits.headersMax)
    throw tooManyHeaders(`the request has more than ${serverLimits.headersMax} headers`);
  if (headers.upgrade !== undefined) throw badRequest('bad_header', 'upgrade: nothing is upgraded here', 'upgrade');
}
