// An event while processors work on it: what they see of it, and what they have noted so far.
import type { HashedEvent, JsonObject } from '../../domain/event.js';
import type { EnrichableEvent, Processor } from '../../domain/processor.js';
import { storableText } from '../../domain/thrown.js';
import { limits } from '../../limits.js';

// Shared by the many events that have neither.
const none: Readonly<Record<string, JsonObject>> = {};
const nobody: readonly string[] = [];
const nothing: readonly Note[] = [];

/** A member of the enrichment, as JSON text. */
export type Note = readonly [name: string, text: string];

/** As JSON holds it. */
export interface EventToEnrich {
  readonly hashed: Pick<
    HashedEvent,
    'ordinal' | 'id' | 'type' | 'subject' | 'time' | 'priority' | 'flags' | 'dataText'
  >;
  readonly results: Readonly<Record<string, JsonObject>>;
  readonly failed: readonly string[];
}

/** A class for its getter: of 20,000 events in a page hardly one is ever parsed. */
export class EnrichedEvent implements EnrichableEvent {
  readonly ordinal: number;
  /** What processors noted that others depend on, by name. */
  results: Readonly<Record<string, JsonObject>>;
  private failed: readonly string[];
  private readonly hashed: EventToEnrich['hashed'];
  private parsed: JsonObject | undefined;
  private notes: readonly Note[] = nothing;

  constructor(
    hashed: EventToEnrich['hashed'],
    { results, failed }: Omit<EventToEnrich, 'hashed'> = { results: none, failed: nobody },
  ) {
    this.hashed = hashed;
    this.results = results;
    this.failed = failed;
    this.ordinal = hashed.ordinal;
  }

  get id(): string {
    return this.hashed.id;
  }

  get type(): string {
    return this.hashed.type;
  }

  get subject(): string | null {
    return this.hashed.subject;
  }

  get time(): string | null {
    return this.hashed.time;
  }

  get priority(): number {
    return this.hashed.priority;
  }

  get flags(): readonly string[] | null {
    return this.hashed.flags;
  }

  get dataText(): string {
    return this.hashed.dataText;
  }

  get data(): Readonly<JsonObject> {
    return (this.parsed ??= JSON.parse(this.hashed.dataText) as JsonObject);
  }

  /** JSON text, its members in canonical order as their texts are, for the digest of its row; null when nothing was noted. */
  get enrichment(): string | null {
    const { notes } = this;
    if (notes.length === 0) return null;
    if (notes.length === 1) return `{"${notes[0]![0]}":${notes[0]![1]}}`;
    const members = notes
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, text]) => `"${name}":${text}`);
    return `{${members.join(',')}}`;
  }

  /** `text` is JSON of an object; `result` the same, where a later processor wants to see it. */
  note(name: string, text: string, result?: JsonObject): void {
    this.notes = [...this.notes, [name, text]];
    if (result !== undefined) this.results = { ...this.results, [name]: result };
  }

  fail(name: string, reason: 'error' | 'skipped', message: string): void {
    this.failed = [...this.failed, name];
    this.note(name, JSON.stringify({ [reason]: storableText(message, limits.enrichErrorCharsMax) }));
  }

  /** Adds what was noted of it elsewhere. */
  append(notes: readonly Note[]): void {
    if (notes.length > 0) this.notes = [...this.notes, ...notes];
  }

  /** As another process is given it. */
  get question(): EventToEnrich {
    const { ordinal, id, type, subject, time, priority, flags, dataText } = this.hashed;
    return {
      hashed: { ordinal, id, type, subject, time, priority, flags, dataText },
      results: this.results,
      failed: this.failed,
    };
  }

  get noted(): readonly Note[] {
    return this.notes;
  }

  /** Why a processor cannot run: a sentence when another one failed, `unsaid` when there is just nothing to work on. */
  unmet({ dependencies = [] }: Processor): string | undefined {
    const failed = dependencies.find((name) => this.failed.includes(name));
    if (failed !== undefined) return `needs ${failed}, which failed`;
    return dependencies.every((name) => Object.hasOwn(this.results, name)) ? undefined : unsaid;
  }
}

export const unsaid = '';
