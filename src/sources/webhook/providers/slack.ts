// Slack: X-Slack-Signature over version, time and body. An event comes up to four times with one event_id; a command or an
// interaction has none and comes once. Verified 2026-01 against api.slack.com/authentication/verifying-requests-from-slack.
import { numberAt, textAt, type Provider } from '../delivery.js';
import { matches, missing, signed, timeRefusal, wrong } from '../signature.js';

export const slack: Provider = {
  refusal({ headers, body }, secrets, now) {
    const [given, time] = [headers['x-slack-signature'], headers['x-slack-request-timestamp']];
    if (given === undefined) return missing;
    const late = timeRefusal(time, now);
    if (late !== null) return late;
    const expected = secrets.map((secret) => signed('sha256', secret, [`v0:${time}:`, body]));
    return given.startsWith('v0=') && matches([given.slice('v0='.length)], 'hex', expected) ? null : wrong;
  },
  kept: ['x-slack-request-timestamp', 'x-slack-retry-num', 'x-slack-retry-reason'],
  id: (_headers, body) => textAt(body, 'event_id'),
  event: (_headers, body) =>
    textAt(body, 'event', 'type') ??
    textAt(body, 'type') ??
    (textAt(body, 'command') === undefined ? undefined : 'command'),
  subject: (body) =>
    textAt(body, 'event', 'channel') ??
    textAt(body, 'channel', 'id') ??
    textAt(body, 'channel_id') ??
    textAt(body, 'team_id'),
  time: (headers, body) => numberAt(body, 'event_time') ?? secondsOf(headers['x-slack-request-timestamp']),
  challenge: (body) => (textAt(body, 'type') === 'url_verification' ? textAt(body, 'challenge') : undefined),
};

function secondsOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}
