// Stripe: Stripe-Signature is `t=…,v1=…`, one v1 for each secret that is valid there; t, a dot and the body are signed. v0 is for
// their tests and counts for nothing. Verified 2026-01 against docs.stripe.com/webhooks/signature.
import { numberAt, textAt, type Provider } from '../delivery.js';
import { matches, missing, signed, timeRefusal, wrong } from '../signature.js';

export const stripe: Provider = {
  refusal({ headers, body }, secrets, now) {
    const given = headers['stripe-signature'];
    if (given === undefined) return missing;
    const parts = given.split(',').map((part) => part.trim());
    const [time] = valuesOf(parts, 't=');
    const late = timeRefusal(time, now);
    if (late !== null) return late;
    const expected = secrets.map((secret) => signed('sha256', secret, [`${time}.`, body]));
    return matches(valuesOf(parts, 'v1='), 'hex', expected) ? null : wrong;
  },
  kept: [],
  id: (_headers, body) => textAt(body, 'id'),
  event: (_headers, body) => textAt(body, 'type'),
  subject: (body) => textAt(body, 'data', 'object', 'id'),
  time: (_headers, body) => numberAt(body, 'created'),
};

function valuesOf(parts: readonly string[], name: string): string[] {
  return parts.filter((part) => part.startsWith(name)).map((part) => part.slice(name.length));
}
