// GET /v1/stream: the live stream. Its handler is plain Node and answers by itself; the door says who may ask.
import type { FrontApp, FrontParts } from './app.js';

export function addStreamRoute(app: FrontApp, { stream }: Pick<FrontParts, 'stream'>): void {
  const schema = {
    summary: 'Committed events as Server-Sent Events, in commit order',
    operationId: 'streamEvents',
    tags: ['events'],
  };
  app.get('/v1/stream', { config: { scope: 'read' }, schema }, (request, reply) => {
    reply.hijack();
    stream(request.raw, reply.raw);
  });
}
