// One record mapped to its events. What a mapper throws, or gives in place of a list, refuses this record and no other.
import type { EventDraft } from '../../domain/event.js';
import { isRecordRejected, type RawRecord, type Source } from '../../domain/source.js';
import type { PageKey } from '../../domain/page.js';
import { storableText, thrownText } from '../../domain/thrown.js';

/** A record with where it is from. */
export interface Whole {
  readonly record: RawRecord;
  readonly stream: string | null;
}

/** Why there are no events of a record: what its dead letter says. */
export interface Refusal {
  readonly code: string;
  readonly error: string;
}

export type Mapped = readonly EventDraft[] | Refusal;

/** One answer for each record, in their order. */
export type MapRecords = (records: readonly Whole[]) => Promise<readonly Mapped[]> | readonly Mapped[];

/** Mappers that run in another process. */
export interface MappersElsewhere {
  /** Of sources. */
  readonly types: ReadonlySet<string>;
  /** For one page. Rejects with the reason of `cancelled`. */
  open(page: PageKey, type: string, options: unknown, cancelled?: AbortSignal): MapRecords;
}

/** Of a dead letter's code; names are short. */
const codeCharsMax = 100;

/** Never throws. */
export function mapRecord(source: Pick<Source, 'toEvents'>, { record, stream }: Whole, options: unknown): Mapped {
  try {
    const mapped = source.toEvents(record, { options, stream });
    return Array.isArray(mapped) ? mapped : refusalOf(new TypeError('the mapper gave no list of events'));
  } catch (error) {
    // Also a mapper's own mistake on input nobody thought of: one record must not hold up its page.
    return refusalOf(error);
  }
}

export function isRefusal(mapped: Mapped): mapped is Refusal {
  return !Array.isArray(mapped);
}

export function refusalOf(thrown: unknown): Refusal {
  return { code: codeOf(thrown), error: thrownText(thrown) };
}

/** Of what was thrown, even looking may throw. */
function codeOf(thrown: unknown): string {
  try {
    const code: unknown = isRecordRejected(thrown) ? thrown.code : undefined;
    return typeof code === 'string' && code !== '' ? storableText(code, codeCharsMax) : 'mapper_failed';
  } catch {
    return 'mapper_failed';
  }
}
