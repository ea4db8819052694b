// Anybody who signs the body with a shared secret; the options say where the signature is and what is signed.
import type { Provider } from '../delivery.js';
import { matches, missing, signed, timeRefusal, wrong } from '../signature.js';
import type { WebhookOptions } from '../options.js';

export function hmac(options: WebhookOptions): Provider {
  const { signatureHeader = 'x-signature', algorithm = 'sha256', encoding = 'hex', prefix = '' } = options;
  const { timestampHeader, idHeader, eventHeader } = options;
  return {
    refusal({ headers, body }, secrets, now) {
      const given = headers[signatureHeader];
      if (given === undefined) return missing;
      const time = timestampHeader === undefined ? undefined : headers[timestampHeader];
      const late = timestampHeader === undefined ? null : timeRefusal(time, now);
      if (late !== null) return late;
      const expected = secrets.map((secret) =>
        signed(algorithm, secret, time === undefined ? [body] : [`${time}.`, body]),
      );
      return given.startsWith(prefix) && matches([given.slice(prefix.length)], encoding, expected) ? null : wrong;
    },
    kept: [timestampHeader, idHeader, eventHeader].filter((name) => name !== undefined),
    id: (headers) => (idHeader === undefined ? undefined : headers[idHeader]),
    event: (headers) => (eventHeader === undefined ? undefined : headers[eventHeader]),
    ...(timestampHeader === undefined ? {} : { time: (headers) => Number(headers[timestampHeader]) }),
  };
}
