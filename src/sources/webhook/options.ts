import { z } from 'zod';
import { secretReference } from '../../domain/secret-reference.js';

const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'expected the name of a header, like X-Signature')
  .transform((name) => name.toLowerCase());

export const options = z
  .strictObject({
    provider: z
      .enum(['github', 'slack', 'stripe', 'standard', 'hmac'])
      .describe(
        'who signs: github, slack, stripe, standard (Standard Webhooks, Svix), hmac (anybody who signs the body)',
      ),
    secret: secretReference.describe('where the secret that deliveries are signed with is read from'),
    previousSecret: secretReference
      .optional()
      .describe('the one before it, which is taken as well while the sender changes to the new one'),
    signatureHeader: header
      .optional()
      .describe('of hmac: the header with the signature; X-Signature where nothing is said'),
    algorithm: z.enum(['sha256', 'sha512', 'sha1']).optional().describe('of hmac; sha256 where nothing is said'),
    encoding: z.enum(['hex', 'base64']).optional().describe('of hmac; hex where nothing is said'),
    prefix: z.string().max(20).optional().describe('of hmac: what stands before the signature, like sha256='),
    timestampHeader: header
      .optional()
      .describe('of hmac: the header with the time in seconds; then the time, a dot and the body are signed'),
    idHeader: header.optional().describe('of hmac: the header that names the delivery; without it, it is its body'),
    eventHeader: header.optional().describe('of hmac: the header that names the kind of event'),
  })
  .superRefine((given, context) => {
    if (given.provider === 'hmac') return;
    for (const name of ownOfHmac)
      if (given[name] !== undefined)
        context.addIssue({ code: 'custom', path: [name], message: 'is for provider hmac only' });
  });

const ownOfHmac = [
  'signatureHeader',
  'algorithm',
  'encoding',
  'prefix',
  'timestampHeader',
  'idHeader',
  'eventHeader',
] as const;

export type WebhookOptions = z.infer<typeof options>;
