// The least of an engine: reads a source as a run does, and holds the state rows it hands over as the store would.
import { admitDeletions } from '../domain/deletions.js';
import type { StatePatch } from '../domain/source-state.js';
import type { Chunk, Source, SourceContext } from '../domain/source.js';
import { memoryState } from './memory-state.js';

/** What every check is about. */
export interface Subject {
  readonly source: Source;
  /** Options as a user writes them. They must give at least three chunks, and no event twice. */
  readonly options: Readonly<Record<string, unknown>>;
  /** What must not be found in anything the source gives away. */
  readonly secret?: string | undefined;
}

/** The secret of a source whose options name one. */
export const canary = 'canary-5f1d2c';

type Rows = Map<string, StatePatch>;

export class Reading {
  readonly stopping = new AbortController();
  cursor: unknown;
  private readonly committed: Rows = new Map();
  /** Of chunks that were read and not committed: a source sees them already, as in the engine. */
  private inFlight: Rows = new Map();
  private readonly subject: Subject;
  private readonly directory: string;

  constructor(subject: Subject, directory: string) {
    this.subject = subject;
    this.directory = directory;
    this.cursor = subject.source.initialCursor;
  }

  get context(): SourceContext<unknown> {
    return {
      sourceId: 'conformance',
      options: this.subject.source.options.parse(this.subject.options),
      directory: this.directory,
      state: memoryState(() => this.state),
      secret: async () => this.subject.secret ?? canary,
      incomplete: async () => [],
      admitDeletions: (deletions) => admitDeletions('conformance', deletions, false),
      signal: this.stopping.signal,
    };
  }

  /** Rows as they are now, committed or on their way. */
  get state(): readonly StatePatch[] {
    return [...new Map([...this.committed, ...this.inFlight]).values()].filter(({ value }) => value !== null);
  }

  /** A position is only what is left of it after a trip through Postgres. */
  commit({ cursor, state }: Pick<Chunk<unknown>, 'cursor' | 'state'>): void {
    this.cursor = this.subject.source.cursor.parse(JSON.parse(JSON.stringify(cursor)));
    apply(this.committed, state ?? []);
    this.inFlight = new Map();
  }

  async prepare(): Promise<void> {
    this.inFlight = new Map();
    this.commit(await this.subject.source.prepare(this.context, this.cursor));
  }

  /** To the end of what was prepared; nothing is committed. */
  async rest(): Promise<Chunk<unknown>[]> {
    const chunks: Chunk<unknown>[] = [];
    for await (const chunk of this.subject.source.read(this.context, this.cursor)) {
      apply(this.inFlight, chunk.state ?? [], true);
      chunks.push(chunk);
    }
    this.inFlight = new Map();
    return chunks;
  }
}

/** `keep`: a removed row stays as one of null, so that it hides the committed one. */
function apply(rows: Rows, patches: readonly StatePatch[], keep = false): void {
  for (const patch of patches) {
    const name = `${patch.kind} ${patch.key}`;
    if (patch.value === null && !keep) rows.delete(name);
    else rows.set(name, JSON.parse(JSON.stringify(patch)) as StatePatch);
  }
}
