// A stored event as CloudEvents 1.0 JSON. Our own attributes are extension attributes: lower-case letters, simple values. Two are
// JSON objects all the same, as they are stored: `data`, and `enrichment`, which as a text nobody could ask with jq.
import type { EventRow } from '../store/reading/search-events.js';

export function cloudEvent(event: EventRow): Record<string, unknown> {
  const {
    id,
    source,
    type,
    time,
    subject,
    data,
    priority,
    contentHash,
    ingestedAt,
    epoch,
    page,
    ordinal,
    flags,
    enrichment,
    entity,
    version,
  } = event;
  return {
    specversion: '1.0',
    id,
    source,
    type,
    // An attribute without a value is left out: CloudEvents has no null.
    ...(time === null ? {} : { time }),
    ...(subject === null ? {} : { subject }),
    datacontenttype: 'application/json',
    data,
    priority,
    ...(contentHash === null ? {} : { contenthash: contentHash }),
    ingestedat: ingestedAt,
    epoch,
    page,
    ordinal,
    ...(flags === null ? {} : { flags: flags.join(',') }),
    ...(entity === null ? {} : { entity, version }),
    ...(enrichment === null ? {} : { enrichment }),
  };
}
