// An event as clients of the stream get it: a CloudEvent of bounded size, with its place in the feed and nothing in it that should
// not be shown.
import { positionText } from '../domain/feed-position.js';
import { cloudEvent, type CloudEvent } from '../queries/cloud-event.js';
import type { FedEvent } from './fed-event.js';
import { safeText, safeValue } from './safe-value.js';

export type StreamEvent = Omit<CloudEvent, 'data' | 'datacontenttype'> & {
  /** In the feed; what `from` and Last-Event-ID take. */
  readonly position: string;
  readonly datacontenttype?: 'application/json';
  /** Left out where it is larger than the stream carries. */
  readonly data?: unknown;
  /** Bytes of what was left out. The store has it: `tributary events show`. */
  readonly dataomitted?: number;
  readonly enrichmentomitted?: number;
};

export function streamEvent({ row, position }: FedEvent): StreamEvent {
  const { data, datacontenttype, enrichment, subject, ...attributes } = cloudEvent(row);
  const isEnriched = enrichment !== undefined;
  return {
    ...attributes,
    ...(subject === undefined ? {} : { subject: safeText(subject) }),
    ...(data === null ? { dataomitted: row.dataBytes } : { datacontenttype, data: safeValue(data) }),
    ...(isEnriched ? { enrichment: safeValue(enrichment) as Readonly<Record<string, unknown>> } : {}),
    ...(!isEnriched && row.enrichmentBytes > 0 ? { enrichmentomitted: row.enrichmentBytes } : {}),
    position: positionText(position),
  };
}
