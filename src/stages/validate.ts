// validate: raw records to drafts. A record that is no event, or an event outside the bounds, becomes a dead letter;
// its neighbours are never touched. Nothing is dropped.
import type { EventDraft } from '../domain/event.js';
import { instantOf } from '../domain/instant.js';
import { RecordRejected, type RawRecord } from '../domain/source.js';
import type { Batch, DeadEvent, RecordOrigin, Return, Stage, StageContext, ValidDraft } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';
import { limits } from '../limits.js';
import { heldBytes, type RecordHolders } from './record-holders.js';

export const validate: Stage = {
  name: 'validate',
  kind: 'pure',
  async run(batch, context) {
    const sorted: Sorted = { drafts: [], dead: [], holders: new Map() };
    const returned = new Map(batch.returned);
    const mapped = mapping(context);
    let ordinal = 0;
    await inTurns(batch.records, (record, at) => {
      const origin = batch.origins[at];
      const next = ordinal + sortRecord(record, origin?.part ?? null, ordinal, mapped(record), sorted);
      if (origin !== undefined) comeBack(origin, ordinal, next, returned);
      ordinal = next;
    });
    return { ...batch, drafts: sorted.drafts, dead: [...batch.dead, ...sorted.dead], returned } satisfies Batch;
  },
};

interface Sorted {
  readonly drafts: ValidDraft[];
  readonly dead: DeadEvent[];
  readonly holders: RecordHolders;
}

function comeBack({ letter }: RecordOrigin, from: number, to: number, returned: Map<number, Return>): void {
  for (let ordinal = from; ordinal < to; ordinal++) returned.set(ordinal, { attempts: 0, processed: [], letter });
}

/** How many ordinals it took. `wanted`: only this event of the record; the others have answers of their own. */
function sortRecord(record: RawRecord, wanted: number | null, ordinal: number, mapped: readonly EventDraft[] | Error, sorted: Sorted): number {
  if (mapped instanceof Error) {
    const code = mapped instanceof RecordRejected ? mapped.code : 'mapper_failed';
    die(sorted, record, ordinal, wanted, { code, error: mapped.message });
    return 1;
  }
  if (wanted === null) {
    for (let part = 0; part < mapped.length; part++) sort(mapped[part]!, ordinal + part, record, part, sorted);
    return mapped.length;
  }
  const draft = mapped[wanted];
  if (draft !== undefined) sort(draft, ordinal, record, wanted, sorted);
  else die(sorted, record, ordinal, wanted, { code: 'part_gone', error: `the record maps to ${mapped.length} events now, this was number ${wanted + 1}` });
  return 1;
}

/** Redriven letters of one record come one after the other, each with all of it: mapped for each, they would take its square. */
function mapping(context: StageContext): (record: RawRecord) => readonly EventDraft[] | Error {
  let last: { readonly record: RawRecord; readonly mapped: readonly EventDraft[] | Error } | undefined;
  return (record) => {
    if (last?.record !== record) last = { record, mapped: map(record, context) };
    return last.mapped;
  };
}

function map(record: RawRecord, { source, options }: StageContext): readonly EventDraft[] | Error {
  try {
    return source.toEvents(record, options);
  } catch (error) {
    // Also a mapper's own mistake on input nobody thought of: one record must not hold up its page.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function sort(draft: EventDraft, ordinal: number, record: RawRecord, part: number, sorted: Sorted): void {
  const problem = problemOf(draft);
  if (problem === null) sorted.drafts.push({ draft: storable(draft), ordinal, record, part });
  else die(sorted, record, ordinal, part, problem);
}

function die({ dead, holders }: Sorted, record: RawRecord, ordinal: number, part: number | null, problem: Problem): void {
  const held = heldBytes(holders, record, ordinal);
  dead.push({ ordinal, stage: 'validate', ...problem, event: null, ...held, ...(part === null ? {} : { part }) });
}

type Problem = Pick<DeadEvent, 'code' | 'error'>;

function problemOf(draft: EventDraft): Problem | null {
  const { type, identity, data } = draft;
  if (type === '' || type.length > limits.eventTypeCharsMax || !isText(type)) {
    return { code: 'bad_type', error: `type has ${type.length} characters, expected 1 to ${limits.eventTypeCharsMax} of well-formed text` };
  }
  const id = identity.kind === 'content' ? '-' : identity.key + (identity.kind === 'versioned' ? identity.version : '');
  if (id === '' || !isText(id)) {
    return { code: 'bad_id', error: `id has ${id.length} characters, expected one or more of well-formed text` };
  }
  if (deeperThan(data, limits.eventDepthMax)) {
    return { code: 'too_deep', error: `data is nested deeper than ${limits.eventDepthMax} levels` };
  }
  return null;
}

/** Text that Postgres can hold and UTF-8 can say: no NUL, no half of a surrogate pair. */
function isText(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Attributes beside the data are made storable and flagged; what they were stays in the raw page. */
function storable(draft: EventDraft): EventDraft {
  const { subject } = draft;
  const time = draft.time === undefined ? undefined : (instantOf(draft.time) ?? undefined);
  const badTime = time === undefined && draft.time !== undefined;
  const badSubject = subject !== undefined && (subject.length > limits.eventSubjectCharsMax || !isText(subject));
  if (time === draft.time && !badSubject) return draft;
  const flags = [...(draft.flags ?? []), ...(badTime ? ['bad_time'] : []), ...(badSubject ? ['sanitized_subject'] : [])];
  return { ...draft, time, flags, ...(badSubject ? { subject: clean(subject) } : {}) };
}

function clean(text: string): string {
  return text.slice(0, limits.eventSubjectCharsMax).toWellFormed().replaceAll('\0', '\uFFFD');
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && deeperThan(item, levels - 1)) return true;
  }
  return false;
}
