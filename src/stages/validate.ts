// validate: raw records to drafts, each with its priority. A record that is no event, or an event outside the bounds, becomes
// a dead letter; its neighbours are never touched. Nothing is dropped.
import { usualPriorities } from '../domain/catalogue.js';
import type { EventDraft, Priority, VersionedIdentity } from '../domain/event.js';
import { amount } from '../domain/figures.js';
import { instantOf } from '../domain/instant.js';
import { priorityOf, type PriorityRule } from '../domain/priority.js';
import type { PageKey } from '../domain/page.js';
import type { Batch, DeadEvent, RecordOrigin, Return, Stage, StageContext, ValidDraft } from '../domain/stage.js';
import { thrownText } from '../domain/thrown.js';
import { orderOf, versionBytesMax, versionOrderOf, type VersionOrder } from '../domain/version-order.js';
import { limits } from '../limits.js';
import {
  isRefusal,
  mapRecord,
  type Mapped,
  type MapRecords,
  type MappersElsewhere,
  type Refusal,
  type Whole,
} from './mapping/map-record.js';
import { inMappedTurns } from './mapping/mapped-turns.js';
import { heldBytes, type RecordHolders } from './record-holders.js';

/** `elsewhere`: mappers that run in another process. */
export function createValidate(elsewhere?: MappersElsewhere): Stage {
  return {
    name: 'validate',
    kind: 'pure',
    async run(batch, context) {
      const { source, priorityRules: rules = [] } = context;
      const [usual, order] = [usualPriorities(source), orderOf(source, context.options)];
      const sorted: Sorted = { drafts: [], dead: [], holders: new Map(), usual, rules, order };
      const returned = new Map(batch.returned);
      const streamOf = streams(batch);
      const wholes = batch.records.map((record, at) => ({ record, stream: streamOf(at) }));
      let ordinal = 0;
      await inMappedTurns(wholes, mapping(batch.page, context, elsewhere), (whole, at, mapped) => {
        const origin = batch.origins[at];
        const next = ordinal + sortRecord(whole, origin?.part ?? null, ordinal, mapped, sorted);
        if (origin !== undefined) comeBack(origin, ordinal, next, returned);
        ordinal = next;
      });
      return { ...batch, drafts: sorted.drafts, dead: [...batch.dead, ...sorted.dead], returned } satisfies Batch;
    },
  };
}

export const validate = createValidate();

function mapping(
  page: PageKey,
  { source, options, cancelled }: StageContext,
  elsewhere?: MappersElsewhere,
): MapRecords {
  if (elsewhere?.types.has(source.type) === true) return elsewhere.open(page, source.type, options, cancelled);
  return (wholes) => wholes.map((whole) => mapRecord(source, whole, options));
}

/** By the place of a record in the page. */
function streams({ page, origins }: Batch): (at: number) => string | null {
  if (origins.length > 0) return (at) => origins[at]?.stream ?? null;
  const names = page.streams?.flatMap(([name, records]) => Array.from({ length: records }, () => name));
  return (at) => names?.[at] ?? null;
}

interface Sorted {
  readonly drafts: ValidDraft[];
  readonly dead: DeadEvent[];
  readonly holders: RecordHolders;
  /** By event type, as the source's catalogue has them. */
  readonly usual: ReadonlyMap<string, Priority>;
  readonly rules: readonly PriorityRule[];
  /** Of the source's versions. */
  readonly order: VersionOrder | undefined;
}

function comeBack({ letter }: RecordOrigin, from: number, to: number, returned: Map<number, Return>): void {
  for (let ordinal = from; ordinal < to; ordinal++) returned.set(ordinal, { attempts: 0, processed: [], letter });
}

/** How many ordinals it took. `wanted`: only this event of the record; the others have answers of their own. */
function sortRecord(whole: Whole, wanted: number | null, ordinal: number, mapped: Mapped, sorted: Sorted): number {
  if (isRefusal(mapped)) {
    die(sorted, whole, ordinal, wanted, mapped);
    return 1;
  }
  if (wanted === null) {
    for (let part = 0; part < mapped.length; part++) sort(mapped[part]!, ordinal + part, whole, part, sorted);
    return mapped.length;
  }
  const draft = mapped[wanted];
  if (draft !== undefined) sort(draft, ordinal, whole, wanted, sorted);
  else
    die(sorted, whole, ordinal, wanted, {
      code: 'part_gone',
      error: `the record maps to ${amount(mapped.length, 'event')} now, this was number ${wanted + 1}`,
    });
  return 1;
}

function sort(draft: EventDraft, ordinal: number, whole: Whole, part: number, sorted: Sorted): void {
  try {
    const problem = problemOf(draft, sorted.order);
    if (problem === null) sorted.drafts.push({ draft: prioritized(storable(draft), sorted), ordinal, ...whole, part });
    else die(sorted, whole, ordinal, part, problem);
  } catch (error) {
    // A draft that is none, or one whose fields throw when they are read.
    die(sorted, whole, ordinal, part, { code: 'mapper_failed', error: thrownText(error) });
  }
}

function die(
  { dead, holders }: Sorted,
  { record, stream }: Whole,
  ordinal: number,
  part: number | null,
  problem: Refusal,
): void {
  const held = heldBytes(holders, record, ordinal);
  dead.push({
    ordinal,
    stage: 'validate',
    ...problem,
    event: stream === null ? null : { stream },
    ...held,
    ...(part === null ? {} : { part }),
  });
}

function problemOf(draft: EventDraft, order: VersionOrder | undefined): Refusal | null {
  const { type, identity, data } = draft;
  if (type === '' || type.length > limits.eventTypeCharsMax || !isText(type)) {
    return {
      code: 'bad_type',
      error: `type has ${type.length} characters, expected 1 to ${limits.eventTypeCharsMax} of well-formed text`,
    };
  }
  const id = identity.kind === 'content' ? '-' : identity.key;
  if (id === '' || !isText(id)) {
    return { code: 'bad_id', error: `id has ${id.length} characters, expected one or more of well-formed text` };
  }
  const badVersion = identity.kind === 'versioned' ? versionProblem(identity, order) : null;
  if (badVersion !== null) return { code: 'bad_version', error: badVersion };
  if (deeperThan(data, limits.eventDepthMax)) {
    return { code: 'too_deep', error: `data is nested deeper than ${limits.eventDepthMax} levels` };
  }
  return null;
}

function versionProblem({ version, variant }: VersionedIdentity, order: VersionOrder | undefined): string | null {
  if (order === undefined)
    return 'the source does not say how its versions follow each other, expected versionOrder: time, number or text';
  if (!isText(version) || versionOrderOf(version, order) === null) {
    return `version ${JSON.stringify(version.slice(0, versionBytesMax))} cannot be ordered, expected a ${order} of 1 to ${versionBytesMax} bytes`;
  }
  if (variant === undefined || (variant !== '' && isText(variant) && variant.length <= versionBytesMax)) return null;
  return `variant has ${variant.length} characters, expected 1 to ${versionBytesMax} of well-formed text`;
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
  const flags = [
    ...(draft.flags ?? []),
    ...(badTime ? ['bad_time'] : []),
    ...(badSubject ? ['sanitized_subject'] : []),
  ];
  return { ...draft, time, flags, ...(badSubject ? { subject: clean(subject) } : {}) };
}

/** Last, so that rules see the subject that is stored. */
function prioritized(draft: EventDraft, { rules, usual }: Sorted): EventDraft {
  return { ...draft, priority: priorityOf(draft, rules, usual.get(draft.type)) };
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
