// Standard Webhooks (standardwebhooks.com; Svix has the same under names of its own): id, time and body are signed, in a list of
// `v1,<base64>`. The secret is base64 after `whsec_`. Signatures by a public key (v1a) are not taken.
import { textAt, type Delivery, type Provider } from '../delivery.js';
import { matches, missing, signed, timeRefusal, wrong } from '../signature.js';

function header(headers: Delivery['headers'], name: string): string | undefined {
  return headers[`webhook-${name}`] ?? headers[`svix-${name}`];
}

export const standard: Provider = {
  refusal({ headers, body }, secrets, now) {
    const [id, time, given] = [header(headers, 'id'), header(headers, 'timestamp'), header(headers, 'signature')];
    if (id === undefined || given === undefined) return missing;
    const late = timeRefusal(time, now);
    if (late !== null) return late;
    const expected = secrets.map((secret) => signed('sha256', keyOf(secret), [`${id}.${time}.`, body]));
    const texts = given.split(' ').flatMap((one) => (one.startsWith('v1,') ? [one.slice('v1,'.length)] : []));
    return matches(texts, 'base64', expected) ? null : wrong;
  },
  kept: ['webhook-id', 'webhook-timestamp', 'svix-id', 'svix-timestamp'],
  id: (headers) => header(headers, 'id'),
  event: (_headers, body) => textAt(body, 'type'),
  time: (headers, body) => textAt(body, 'timestamp') ?? Number(header(headers, 'timestamp')),
};

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
}
