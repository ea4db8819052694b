// GET /v1/stream: the place of the live stream. Its handler is plain Node and answers by itself; the door says who may ask.
import type { FrontApp, FrontParts } from './app.js';
import { Problem } from './problem.js';

export function addStreamRoute(app: FrontApp, { stream }: Pick<FrontParts, 'stream'>): void {
  app.get('/v1/stream', { config: { scope: 'read' }, schema: { hide: stream === undefined } }, (request, reply) => {
    if (stream === undefined)
      throw new Problem({ status: 404, code: 'not_here', detail: 'there is no live stream yet' });
    reply.hijack();
    stream(request.raw, reply.raw);
  });
}
