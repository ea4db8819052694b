// A delivery as an event. Its id at the sender is its identity, so that one that comes again is known; where the sender says none it
// is its body, since no name must not mean that everything is new.
import * as crypto from 'node:crypto';
import type { EventDraft, JsonObject } from '../../domain/event.js';
import { instantOf } from '../../domain/instant.js';
import { limits } from '../../limits.js';
import { readBody } from './body.js';
import { webhookLimits } from './limits.js';
import type { WebhookOptions } from './options.js';
import { providerOf } from './providers/index.js';
import { readRecord } from './record.js';

/** Throws RecordRejected. */
export function toEvents(record: Uint8Array, options: WebhookOptions): readonly EventDraft[] {
  const { headers, body, receivedAt } = readRecord(record);
  const provider = providerOf(options);
  const { value, flags } = readBody(headers['content-type'], body);
  const subject = provider.subject?.(value)?.slice(0, limits.eventSubjectCharsMax);
  return [
    {
      type: `webhook.${options.provider}.${eventName(provider.event(headers, value))}`,
      identity: {
        kind: 'immutable',
        key: provider.id(headers, value) ?? `sha256:${crypto.createHash('sha256').update(body).digest('hex')}`,
      },
      data: { headers: headers as JsonObject, body: value },
      time: timeOf(provider.time?.(headers, value)) ?? receivedAt,
      subject: subject?.isWellFormed() === true && !subject.includes('\0') ? subject : undefined,
      flags: flags.length === 0 ? undefined : flags,
      raw: flags.some((flag) => flag !== 'base64') ? body : undefined,
    },
  ];
}

/** A header may hold anything; a type is a name. */
function eventName(given: string | undefined): string {
  if (given === undefined) return 'delivery';
  return given.length <= webhookLimits.eventNameCharsMax && /^[\w.:/-]+$/.test(given) ? given : 'unnamed';
}

/** Undefined for what no calendar has. */
function timeOf(given: string | number | undefined): string | undefined {
  if (typeof given === 'string') return instantOf(given) ?? undefined;
  if (given === undefined || !(Math.abs(given) < 253_402_300_800)) return undefined;
  return instantOf(new Date(given * 1_000).toISOString()) ?? undefined;
}
