// How far a step is that takes more than a moment.

/** What `prepare` is about, for whoever waits for it. */
export interface Course {
  /** `receiving objects`: a few words, without secrets. */
  readonly what: string;
  /** Null where nobody can tell. */
  readonly done: number | null;
  readonly total: number | null;
}
