// A record of a file as its event: a CloudEvent, any JSON object, or a row of CSV.
import * as crypto from 'node:crypto';
import type { EventDraft, Identity, JsonObject } from '../../domain/event.js';
import type { RawRecord } from '../../domain/source.js';
import { checkCloudEvent, cloudEventData, cloudEventKey, isCloudEvent } from './cloud-event.js';
import { readRow } from './csv-record.js';
import { mappedIdentity, priorityAt, subjectOf, typeOf } from './fields.js';
import { readJson, type ReadRecord } from './json-record.js';
import { momentOf } from './moment.js';
import { delimiterOf, isCsv, type JsonlOptions } from './options.js';
import { valueAt } from './pointer.js';

/** Throws RecordRejected for a record that is no event. Empty lines are none. */
export function toEvents(record: RawRecord, options: JsonlOptions): readonly EventDraft[] {
  const read = isCsv(options) ? readRow(record, delimiterOf(options)) : readJson(record);
  if (read === null) return [];
  const cloudEvent = options.format === 'cloudevents' || (options.format === 'auto' && isCloudEvent(read.value));
  return [cloudEvent ? eventOfCloudEvent(read, record, options) : eventOf(read, record, options)];
}

function eventOf(read: ReadRecord, record: RawRecord, options: JsonlOptions): EventDraft {
  const identity = mappedIdentity(read.value, options) ?? contentIdentity(read, record);
  return draftOf(read, record, identity, read.value, options);
}

const columnsOf = new WeakMap<JsonlOptions, { fields: JsonlOptions; columns: ReadonlySet<string> }>();

function eventOfCloudEvent(read: ReadRecord, record: RawRecord, options: JsonlOptions): EventDraft {
  checkCloudEvent(read.value);
  let known = columnsOf.get(options);
  if (known === undefined) columnsOf.set(options, (known = cloudEventFields(options)));
  const own = mappedIdentity(read.value, options);
  const identity: Identity = own ?? { kind: 'immutable', key: cloudEventKey(read.value) };
  return draftOf(read, record, identity, cloudEventData(read.value, known.columns), known.fields);
}

/** Its own attributes, where no option says otherwise; what an option replaces stays in the data. */
function cloudEventFields(options: JsonlOptions): { fields: JsonlOptions; columns: ReadonlySet<string> } {
  const usual = { type: '/type', time: '/time', subject: '/subject' } as const;
  const columns = new Set<string>(['type', 'time', 'subject'].filter((name) => !(name in options)));
  if (options.id === undefined && options.entity === undefined) columns.add('id');
  return { fields: { ...usual, ...options }, columns };
}

function draftOf(
  { value, flags: lost }: ReadRecord,
  record: RawRecord,
  identity: Identity,
  data: JsonObject,
  options: JsonlOptions,
): EventDraft {
  const type = typeOf(value, options.type);
  const moment = momentOf(options.time === undefined ? undefined : valueAt(value, options.time), options);
  const [subject, priority] = [subjectOf(value, options.subject), priorityAt(value, options.priority)];
  const flags = [...lost];
  for (const { flag } of [type, moment, subject, priority]) if (flag !== undefined) flags.push(flag);
  return {
    type: type.value,
    identity,
    data,
    subject: subject.value,
    time: moment.time,
    priority: priority.value,
    flags: flags.length === 0 ? undefined : flags,
    raw: needsBytes(lost) ? record : undefined,
  };
}

const lossy: readonly string[] = ['not_utf8', 'duplicate_keys', 'number_as_text'];

/** The value is not all that the record says. */
function needsBytes(flags: readonly string[]): boolean {
  return flags.length > 0 && flags.some((flag) => lossy.includes(flag));
}

/** Two records whose values are equal and whose bytes are not are two events only where the value lost something. */
function contentIdentity({ flags }: ReadRecord, record: RawRecord): Identity {
  return needsBytes(flags)
    ? { kind: 'immutable', key: crypto.createHash('sha256').update(record).digest('hex') }
    : { kind: 'content' };
}
