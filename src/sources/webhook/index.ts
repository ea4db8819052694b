// webhook: deliveries that others send to the front door (POST /v1/webhooks/<source id>), each signed with a secret that the source
// names. There is nothing to read: what is delivered is committed before it is answered (src/door), so a sync of such a source only
// checks that its secrets are there.
import { z } from 'zod';
import { NeedsAttention } from '../../domain/errors.js';
import { defineSource } from '../../domain/source.js';
import { toEvents } from './events.js';
import { webhookLimits } from './limits.js';
import { options, type WebhookOptions } from './options.js';

const cursor = z.strictObject({ v: z.literal(1) });
type Cursor = z.infer<typeof cursor>;

export const webhook = defineSource<WebhookOptions, Cursor>({
  type: 'webhook',
  summary: 'deliveries of GitHub, Slack, Stripe and others, at POST /v1/webhooks/<source id>',
  options,
  origin: ({ provider }) => `webhooks of ${provider}`,
  defaultId: ({ provider }) => `webhook/${provider}`,
  cursor,
  initialCursor: { v: 1 },
  mapperVersion: 1,
  async prepare(context) {
    await webhookSecrets(context.options, context.secret);
    return { cursor: { v: 1 }, nothingNew: true };
  },
  // eslint-disable-next-line require-yield
  async *read() {},
  toEvents: (record, mapping) => toEvents(record, mapping.options),
});

/** One, or two while the sender changes. Throws NeedsAttention that names the reference. */
export async function webhookSecrets(
  { secret, previousSecret }: WebhookOptions,
  resolve: (reference: string) => Promise<string>,
): Promise<readonly string[]> {
  const references = previousSecret === undefined ? [secret] : [secret, previousSecret];
  const found = await Promise.all(references.map(resolve));
  const at = found.findIndex(({ length }) => length < webhookLimits.secretCharsMin);
  if (at === -1) return found;
  throw new NeedsAttention(
    'secret_short',
    `${references[at]} has ${found[at]!.length} characters, expected at least ${webhookLimits.secretCharsMin}: a short secret is guessed from one delivery`,
  );
}
