// A stored event as CloudEvents 1.0 JSON. Our own attributes are extension attributes: lower-case letters, simple values. Two are
// JSON objects all the same, as they are stored: `data`, and `enrichment`, which as a text nobody could ask with jq.
import type { EventRow } from '../store/reading/search-events.js';

/** A stored event as CloudEvents 1.0 has it. Attributes without a value are left out. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Unique within its source. */
  readonly id: string;
  /** Id of the source. */
  readonly source: string;
  readonly type: string;
  /** RFC 3339 in UTC, to the microsecond. */
  readonly time?: string;
  readonly subject?: string;
  readonly datacontenttype: 'application/json';
  readonly data: unknown;
  /** 1 low, 2 normal, 3 high, 4 critical. */
  readonly priority: number;
  /** sha256 of the canonical content, hex. */
  readonly contenthash?: string;
  /** When it was stored; RFC 3339 in UTC. */
  readonly ingestedat: string;
  /** Run, page of the run and place in the page that it came with. */
  readonly epoch: number;
  readonly page: number;
  readonly ordinal: number;
  /** Names with commas: what a reader must know of this event. */
  readonly flags?: string;
  /** What it is a version of, and which. */
  readonly entity?: string;
  readonly version?: string | null;
  /** What processors and stages noted, by their names. */
  readonly enrichment?: Readonly<Record<string, unknown>>;
}

export function cloudEvent(event: EventRow): CloudEvent {
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
