// POST /v1/webhooks/<source id>: deliveries of others. Whoever signed it may send it; nothing of the body is looked at before that.
// An id that nobody has, one of another type and a wrong signature are answered alike: who tries ids learns nothing.
import { z } from 'zod';
import { sourceIdSchema } from '../../domain/source-id.js';
import { isRecordRejected, type Source } from '../../domain/source.js';
import { NeedsAttention } from '../../domain/errors.js';
import { readBody } from '../../sources/webhook/body.js';
import type { Delivery } from '../../sources/webhook/delivery.js';
import { webhook, webhookSecrets } from '../../sources/webhook/index.js';
import type { WebhookOptions } from '../../sources/webhook/options.js';
import { providerOf } from '../../sources/webhook/providers/index.js';
import { recordOf } from '../../sources/webhook/record.js';
import { findSource } from '../../store/sources.js';
import type { FrontApp, FrontParts } from '../app.js';
import { serverLimits } from '../limits.js';
import { problemResponse } from '../openapi.js';
import { badRequest, notNow, Problem } from '../problem.js';

type Parts = Pick<FrontParts, 'door' | 'secret' | 'log'>;

const answerSchema = z.object({
  source: z.string(),
  outcome: z.enum(['accepted', 'known', 'suppressed']),
  id: z.string().describe('of the delivery'),
});

export function addWebhooksRoute(app: FrontApp, parts: Parts): void {
  app.route({
    method: 'POST',
    url: '/v1/webhooks/*',
    config: { scope: null, bodyBytesMax: serverLimits.webhookBytesMax },
    schema: {
      operationId: 'deliverWebhook',
      summary: 'Deliver a webhook: stored when it is answered; the signature says who may',
      tags: ['webhooks'],
      params: z.object({ '*': z.string().describe('id of the source') }),
      response: { 200: answerSchema, '4xx': problemResponse, 503: problemResponse },
    },
    serializerCompiler: () => (data) => (typeof data === 'string' ? data : JSON.stringify(data)),
    async handler(request, reply) {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const delivery: Delivery = { headers: request.headers as Delivery['headers'], body };
      const { id, options } = await signedSource(parts, request.params['*'], delivery);
      const challenge = challengeOf(options, delivery);
      if (challenge !== undefined) return reply.type('text/plain').send(challenge as never);
      const told = await take(parts, id, options, delivery);
      // Slack shows whatever it is answered to whoever gave a command.
      return options.provider === 'slack' ? reply.type('text/plain').send('' as never) : reply.send(told);
    },
  });
}

interface Signed {
  readonly id: string;
  readonly options: WebhookOptions;
}

/** Throws Problem 401 whatever is wrong. */
async function signedSource({ door, secret, log }: Parts, word: string, delivery: Delivery): Promise<Signed> {
  const id = sourceIdSchema.safeParse(word);
  const found = id.success ? await findSource(door.pool, id.data) : undefined;
  const options =
    found?.type === webhook.type && found.removal === null ? webhook.options.parse(found.options) : undefined;
  if (options === undefined) throw nobody();
  const secrets = await webhookSecrets(options, secret).catch((error: unknown) => {
    if (!(error instanceof NeedsAttention)) throw error;
    log(`webhook ${found!.id}: ${error.message}`);
    throw notNow('not_set_up', 'this cannot be checked yet; give it again', serverLimits.retryAttentionSeconds);
  });
  const refusal = providerOf(options).refusal(delivery, secrets, Date.now());
  if (refusal === null) return { id: found!.id, options };
  log(`webhook ${found!.id}: ${refusal}`);
  throw nobody();
}

function nobody(): Problem {
  return new Problem({
    status: 401,
    code: 'not_signed',
    detail:
      'no webhook source of this id takes this: the id, the signature or its time is wrong; the log of the door says which',
    headers: { 'www-authenticate': 'Signature' },
  });
}

function challengeOf(options: WebhookOptions, { headers, body }: Delivery): string | undefined {
  try {
    const { value } = readBody(headers['content-type'], body);
    return providerOf(options).challenge?.(value);
  } catch (error) {
    if (isRecordRejected(error)) throw badRequest(error.code, error.message);
    throw error;
  }
}

async function take({ door }: Parts, id: string, options: WebhookOptions, delivery: Delivery) {
  const record = recordOf(delivery, providerOf(options).kept, new Date());
  const { verdicts } = await door.take({ source: webhook as Source, id }, [record]);
  const [verdict] = verdicts;
  if (verdict!.outcome !== 'refused') return { source: id, outcome: verdict!.outcome, id: verdict!.id };
  throw new Problem({ status: 422, code: verdict!.code, detail: verdict!.reason });
}
