// POST /v1/events: events that are given, committed before they are answered.
import { z } from 'zod';
import { sourceIdSchema } from '../../domain/source-id.js';
import type { Source } from '../../domain/source.js';
import { limits } from '../../limits.js';
import { program } from '../../sources/program/index.js';
import type { FrontApp, FrontParts } from '../app.js';
import { serverLimits } from '../limits.js';
import { tooLarge } from '../problem.js';
import { answerOf, statusOf } from './answer.js';
import { givenEvents, type Given } from './content-modes.js';
import { idempotencyKey, named } from './idempotency.js';
import { problemResponse } from '../openapi.js';
import { answerSchema, eventBodies } from './schemas.js';

const query = z.strictObject({
  source: sourceIdSchema
    .optional()
    .describe('id of the source that the events go into; program/events without it. Made with its first events'),
});

const headers = z.object({
  'idempotency-key': z
    .string()
    .max(serverLimits.idempotencyKeyCharsMax + 2)
    .optional()
    .describe(
      'names events that have neither id nor entity, by this and their place; the same request again adds nothing',
    ),
});

export function addEventsRoute(app: FrontApp, { door }: Pick<FrontParts, 'door'>): void {
  app.route({
    method: 'POST',
    url: '/v1/events',
    config: { scope: 'push', bodyBytesMax: serverLimits.bodyBytesMax, bodies: eventBodies },
    schema: {
      operationId: 'giveEvents',
      summary: 'Give events: stored when they are answered',
      tags: ['events'],
      querystring: query,
      headers,
      response: { 200: answerSchema, 207: answerSchema, '4xx': problemResponse, 503: problemResponse },
    },
    // Thousands of verdicts: ours, and right.
    serializerCompiler: () => JSON.stringify,
    async handler(request, reply) {
      const start = performance.now();
      const key = idempotencyKey(request.headers);
      const events = named(givenEvents(request.headers, bodyOf(request.body)).events, key);
      const records = events.filter((one): one is Given => 'record' in one).map(({ record }) => record);
      assertBytes(records);
      const answer = await door.take({ source: program as Source, id: request.query.source }, records);
      const told = answerOf(events, answer, performance.now() - start);
      return reply.code(statusOf(told)).send(told);
    },
  });
}

function bodyOf(body: unknown): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

/** A key is written into each event, and binary data grows by a third. */
function assertBytes(records: readonly Uint8Array[]): void {
  const bytes = records.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes > limits.doorBytesMax)
    throw tooLarge(`the events have ${bytes} bytes, expected at most ${limits.doorBytesMax}; give fewer at a time`);
}
