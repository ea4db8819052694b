// hash: drafts to events with id, key and content hash. An event whose data has no canonical text is hashed over its raw
// record and kept (requirement P8). Data that jsonb cannot hold gets a projection beside the original bytes.
import type { HashedEvent } from '../domain/event.js';
import { hashAnyEvent } from '../domain/content-hash.js';
import type { DeadEvent, Stage, ValidDraft } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';
import { orderOf } from '../domain/version-order.js';
import { limits } from '../limits.js';
import { heldBytes, recordHolders, type RecordHolders } from './record-holders.js';

export const hash: Stage = {
  name: 'hash',
  kind: 'pure',
  async run(batch, { source, options }) {
    const rules = {
      source: batch.page.source,
      volatileFields: source.volatileFields,
      versionOrder: orderOf(source, options),
    };
    const events: HashedEvent[] = [];
    const dead: DeadEvent[] = [];
    const holders = recordHolders(batch.dead);
    await inTurns(batch.drafts, (valid) => {
      const { draft, ordinal, record, part } = valid;
      const event = projected(hashAnyEvent(draft, ordinal, record, part, rules));
      if (event.dataText.length <= limits.eventDataBytesMax) events.push(event);
      else dead.push(tooLarge(event, valid, holders));
    });
    // Records and drafts are not needed further on; a page in flight should not be in memory twice.
    return { ...batch, records: [], drafts: [], events, dead: [...batch.dead, ...dead] };
  },
};

/** jsonb refuses \u0000 and lone surrogates, which JSON allows: a projection with U+FFFD goes in, the original is kept. */
function projected(event: HashedEvent): HashedEvent {
  if (!event.dataText.includes('\\u')) return event;
  const text = event.dataText.replaceAll(escapes, (found, refused: string | undefined) =>
    refused === undefined ? found : '\\ufffd',
  );
  if (text === event.dataText) return event;
  return { ...event, dataText: text, raw: Buffer.from(event.dataText), flags: [...(event.flags ?? []), 'sanitized'] };
}

/** Any escape of a canonical text; the group is one jsonb refuses. Canonical text escapes a surrogate only when lone. */
const escapes = /\\(?:u(0000|d[89a-f][0-9a-f]{2})|.)/g;

/** The record is kept, not the data: mapped anew it may be smaller, and what it was is in it. */
function tooLarge(
  event: HashedEvent,
  { ordinal, part, record, stream = null }: ValidDraft,
  holders: RecordHolders,
): DeadEvent {
  return {
    ordinal,
    stage: 'hash',
    code: 'too_large',
    error: `data has ${event.dataText.length} characters, expected at most ${limits.eventDataBytesMax}`,
    event: { id: event.id, type: event.type, ...(stream === null ? {} : { stream }) },
    part,
    ...heldBytes(holders, record, ordinal),
  };
}
