// GitHub: X-Hub-Signature-256 over the body, no time. X-GitHub-Delivery is the same when a delivery is sent again, which GitHub does
// only when it is asked to. Verified 2026-01 against docs.github.com/webhooks. The older X-Hub-Signature is SHA-1, and not taken.
import { numberAt, textAt, type Provider } from '../delivery.js';
import { matches, missing, signed, wrong } from '../signature.js';

export const github: Provider = {
  refusal({ headers, body }, secrets) {
    const given = headers['x-hub-signature-256'];
    if (given === undefined) return missing;
    const expected = secrets.map((secret) => signed('sha256', secret, [body]));
    return matches([given.replace(/^sha256=/, '')], 'hex', expected) && given.startsWith('sha256=') ? null : wrong;
  },
  kept: [
    'x-github-event',
    'x-github-delivery',
    'x-github-hook-id',
    'x-github-hook-installation-target-type',
    'x-github-hook-installation-target-id',
  ],
  id: (headers) => headers['x-github-delivery'],
  event: (headers) => headers['x-github-event'],
  subject(body) {
    const repository = textAt(body, 'repository', 'full_name');
    const number =
      numberAt(body, 'issue', 'number') ??
      numberAt(body, 'pull_request', 'number') ??
      numberAt(body, 'discussion', 'number');
    if (repository === undefined) return textAt(body, 'organization', 'login');
    return number === undefined ? repository : `${repository}#${number}`;
  },
};
