// The front door as Fastify has it: what holds for every request. A route says its scope and its bound of a body; the rest is here.
import type { IncomingMessage, ServerResponse } from 'node:http';
import fastifySwagger from '@fastify/swagger';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { z } from 'zod';
import type { OwnDoor } from '../clients/record/open-door.js';
import type { Scope } from '../domain/access.js';
import type { Access } from './access.js';
import { readBody } from './body.js';
import { addEventsRoute } from './events/route.js';
import { problemOf } from './failures.js';
import { addHealthRoutes } from './health.js';
import { serverLimits } from './limits.js';
import { documented } from './openapi.js';
import { Problem, problemType } from './problem.js';
import { createAdmission, createRoom, type Room } from './room.js';
import { addStreamRoute } from './stream-place.js';
import { addWebhooksRoute } from './webhooks/route.js';
import { assertHeaders, refuseClient } from './wire.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of the room for bodies, until it is answered. */
    bytesTaken: number;
  }

  interface FastifyContextConfig {
    /** What a caller needs to ask this; null: it says itself who may. */
    readonly scope?: Scope | null;
    readonly bodyBytesMax?: number;
    /** What its body may be, by media type, for the OpenAPI document: a mapper checks it, event by event. */
    readonly bodies?: Readonly<Record<string, z.ZodType>>;
  }
}

/** A handler that knows nothing of Fastify. */
export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => void;

export interface FrontParts {
  readonly door: OwnDoor;
  readonly access: Access;
  /** What a reference of a source names, read now. */
  readonly secret: (reference: string) => Promise<string>;
  /** GET /v1/stream. */
  readonly stream: PlainHandler;
  /** A line for whoever runs the door: no body, no header, no secret. */
  readonly log: (line: string) => void;
  readonly version: string;
}

export type FrontApp = ReturnType<typeof newApp>;

export async function createApp(parts: FrontParts): Promise<FrontApp> {
  const app = newApp();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Tributary', version: parts.version, description: 'Events, stored exactly once.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    transform: documented,
  });
  const room = createRoom(serverLimits.bodiesBytesMax);
  takeRequests(app, parts.access, room);
  takeBodies(app, room);
  tellFailures(app, parts.log);
  addHealthRoutes(app, parts);
  addEventsRoute(app, parts);
  addWebhooksRoute(app, parts);
  addStreamRoute(app, parts);
  app.get('/v1/openapi.json', { config: { scope: null }, schema: { hide: true } }, async () => app.swagger());
  await app.ready();
  return app;
}

function newApp() {
  return Fastify({
    logger: false,
    bodyLimit: serverLimits.bodyBytesMax,
    requestTimeout: serverLimits.requestMs,
    keepAliveTimeout: serverLimits.keepAliveMs,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: false, maxParamLength: 1_000 },
    http: {
      headersTimeout: serverLimits.headersMs,
      connectionsCheckingInterval: serverLimits.lookMs,
      maxHeaderSize: serverLimits.headersBytesMax,
    },
    clientErrorHandler: refuseClient,
  }).withTypeProvider<ZodTypeProvider>();
}

/** Who asks, before anything of the body is read. */
function takeRequests(app: FrontApp, access: Access, room: Room): void {
  const admission = createAdmission();
  app.decorateRequest('bytesTaken', 0);
  app.server.maxConnections = serverLimits.connectionsMax;
  app.server.maxHeadersCount = serverLimits.headersMax + 1;
  app.addHook('onRequest', async (request, reply) => {
    assertHeaders(request.raw);
    // By what it says of itself: whether that is true costs a look into the store.
    const leave = admission.enter(request.headers.authorization ?? request.ip);
    reply.raw.once('close', () => {
      leave();
      room.give(request.bytesTaken);
    });
    const { scope = 'admin' } = request.routeOptions.config;
    if (request.is404 || scope === null) return;
    await access.admit(request.raw, scope);
  });
}

/** As bytes: a signature is over them, and they are what is kept. */
function takeBodies(app: FrontApp, room: Room): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => bodyOf(request, payload, room));
}

function bodyOf(request: FastifyRequest, payload: IncomingMessage, room: Room): Promise<Buffer> {
  const { bodyBytesMax = serverLimits.bodyBytesMax } = request.routeOptions.config;
  return readBody(payload, bodyBytesMax, (bytes) => {
    room.take(bytes);
    request.bytesTaken += bytes;
  });
}

function tellFailures(app: FrontApp, log: (line: string) => void): void {
  app.setErrorHandler((error, request, reply) => {
    // Whoever asked is gone, and nobody is there to be told.
    if (request.raw.socket.destroyed) return reply.hijack();
    const problem = problemOf(error) ?? fault();
    if (problem.status >= 500) log(`${request.method} ${request.routeOptions.url ?? '?'}: ${traceOf(problem, error)}`);
    return send(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => send(reply, notFound(app, request)));
}

function fault(): Problem {
  return new Problem({ status: 500, code: 'fault', detail: 'this is a fault of ours; the log of the door says more' });
}

function traceOf(problem: Problem, error: unknown): string {
  const said = error instanceof Error && error !== problem ? ` (${error.message})` : '';
  if (problem.status !== 500) return `${problem.parts.code}: ${problem.parts.detail}${said}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;

function notFound(app: FrontApp, { url, method }: FastifyRequest): Problem {
  const path = url.split('?', 1)[0]!;
  const allowed = methods.filter((one) => app.findRoute({ url: path, method: one }) !== null);
  if (allowed.length === 0)
    return new Problem({ status: 404, code: 'not_found', detail: 'there is nothing at this address' });
  return new Problem({
    status: 405,
    code: 'method_not_allowed',
    detail: `${method} cannot be done here, expected ${allowed.join(' or ')}`,
    headers: { allow: allowed.join(', ') },
  });
}

/** The rest of a body that nobody wants is read and thrown away, so that its sender hears why; one without an end is not. */
function endsWithAnswer({ complete, headers }: IncomingMessage): boolean {
  const length = Number(headers['content-length'] ?? (headers['transfer-encoding'] === undefined ? 0 : Infinity));
  return !complete && !(length <= serverLimits.unreadBytesMax);
}

function send(reply: FastifyReply, problem: Problem): FastifyReply {
  if (endsWithAnswer(reply.request.raw)) void reply.header('connection', 'close');
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', problemType)
    .serializer(JSON.stringify)
    .send(problem.body);
}
