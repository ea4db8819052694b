// validate: raw records to drafts. A record that is no event, or an event outside the bounds, becomes a dead letter;
// its neighbours are never touched. Nothing is dropped.
import type { EventDraft } from '../domain/event.js';
import { instantOf } from '../domain/instant.js';
import { RecordRejected, type RawRecord } from '../domain/source.js';
import type { Batch, DeadEvent, Stage, StageContext, ValidDraft } from '../domain/stage.js';
import { inTurns } from '../domain/turns.js';
import { limits } from '../limits.js';

export const validate: Stage = {
  name: 'validate',
  kind: 'pure',
  async run(batch, context) {
    const drafts: ValidDraft[] = [];
    const dead: DeadEvent[] = [];
    let ordinal = 0;
    await inTurns(batch.records, (record) => {
      const mapped = map(record, context);
      if (mapped instanceof Error) dead.push(deadRecord(ordinal++, mapped, record));
      else for (let part = 0; part < mapped.length; part++) sort(mapped[part]!, ordinal++, record, part, drafts, dead);
    });
    return { ...batch, drafts, dead: [...batch.dead, ...dead] } satisfies Batch;
  },
};

function map(record: RawRecord, { source, options }: StageContext): readonly EventDraft[] | Error {
  try {
    return source.toEvents(record, options);
  } catch (error) {
    // Also a mapper's own mistake on input nobody thought of: one record must not hold up its page.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function sort(draft: EventDraft, ordinal: number, record: RawRecord, part: number, drafts: ValidDraft[], dead: DeadEvent[]): void {
  const problem = problemOf(draft);
  if (problem === null) {
    drafts.push({ draft: storable(draft), ordinal, record, part });
    return;
  }
  // The bytes of a record go with the first of its dead events: a thousand copies would be a page no statement can hold.
  const told = (dead.at(-1)?.ordinal ?? -1) >= ordinal - part;
  dead.push({ ordinal, stage: 'validate', ...problem, event: null, raw: told ? null : record });
}

function problemOf(draft: EventDraft): { code: string; error: string } | null {
  const { type, identity, data } = draft;
  if (type === '' || type.length > limits.eventTypeCharsMax || !isText(type)) {
    return { code: 'bad_type', error: `type has ${type.length} characters, expected 1 to ${limits.eventTypeCharsMax} of well-formed text` };
  }
  const id = identity.kind === 'content' ? '-' : identity.key + (identity.kind === 'versioned' ? identity.version : '');
  if (id === '' || id.length > limits.eventIdCharsMax || !isText(id)) {
    return { code: 'bad_id', error: `id has ${id.length} characters, expected 1 to ${limits.eventIdCharsMax} of well-formed text` };
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

function deadRecord(ordinal: number, error: Error, raw: RawRecord): DeadEvent {
  const code = error instanceof RecordRejected ? error.code : 'mapper_failed';
  return { ordinal, stage: 'validate', code, error: error.message, event: null, raw };
}

function deeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  for (const item of Object.values(value)) {
    if (typeof item === 'object' && deeperThan(item, levels - 1)) return true;
  }
  return false;
}
