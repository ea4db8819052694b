// An event while processors work on it: what they see of it, and what they have noted so far.
import type { HashedEvent, JsonObject } from '../domain/event.js';
import type { EnrichableEvent, Processor } from '../domain/processor.js';
import { limits } from '../limits.js';

// Shared by the many events that have neither.
const none: Readonly<Record<string, JsonObject>> = {};
const nobody: readonly string[] = [];

/** A class for its getter: of 20,000 events in a page hardly one is ever parsed. */
export class EnrichedEvent implements EnrichableEvent {
  readonly ordinal: number;
  /** What processors noted that others depend on, by name. */
  results: Readonly<Record<string, JsonObject>> = none;
  private failed: readonly string[] = nobody;
  private readonly hashed: HashedEvent;
  private parsed: JsonObject | undefined;
  private members = '';

  constructor(hashed: HashedEvent) {
    this.hashed = hashed;
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

  /** JSON text, or null when nothing was noted. */
  get enrichment(): string | null {
    return this.members === '' ? null : `{${this.members}}`;
  }

  /** `text` is JSON of an object; `result` the same, where a later processor wants to see it. */
  note(name: string, text: string, result?: JsonObject): void {
    this.members += `${this.members === '' ? '' : ','}"${name}":${text}`;
    if (result !== undefined) this.results = { ...this.results, [name]: result };
  }

  fail(name: string, reason: 'error' | 'skipped', message: string): void {
    this.failed = [...this.failed, name];
    this.note(name, JSON.stringify({ [reason]: plain(message) }));
  }

  /** Why a processor cannot run: a sentence when another one failed, `unsaid` when there is just nothing to work on. */
  unmet({ dependencies = [] }: Processor): string | undefined {
    const failed = dependencies.find((name) => this.failed.includes(name));
    if (failed !== undefined) return `needs ${failed}, which failed`;
    return dependencies.every((name) => Object.hasOwn(this.results, name)) ? undefined : unsaid;
  }
}

export const unsaid = '';

/** It is stored with the event: bounded, and text that Postgres holds. */
function plain(message: string): string {
  return message.slice(0, limits.enrichErrorCharsMax).toWellFormed().replaceAll('\0', '\uFFFD');
}
