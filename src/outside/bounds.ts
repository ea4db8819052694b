// The bounds of asking the outside, with unit and reason. A client or a call may name others.

const KIB = 1024;
const MIB = 1024 * KIB;

export const httpBounds = {
  /** Name, TCP and TLS together: three round trips around the world take one second. */
  connectMs: 10_000,
  /** From the last byte sent to the last header: GitHub gives up on its own work after 10 s, and answers 502. */
  headersMs: 20_000,
  /** Between two pieces of a body. */
  betweenBytesMs: 10_000,
  /** The whole call with its redirects: what a slow drip may take, below an activity's start-to-close. */
  totalMs: 60_000,
  /** A body, as it is sent and as it is unpacked: 100 of GitHub's largest issues have 7 MB. */
  bodyBytesMax: 16 * MIB,
  /** All headers of one answer. Node's own 16 KiB are too few for some content-security policies. */
  headerBytesMax: 32 * KIB,
  /** Of a refusal only a word is read. */
  refusalBytesMax: 16 * KIB,
  /** A renamed repository that was renamed before takes two. */
  redirectsMax: 5,
  /** Content codings, one in another: more is a bomb. */
  codingsMax: 2,
  /** Connections of one client. GitHub asks for few, and bans for more than 100 at once. */
  connectionsMax: 8,
  /** A rate limit waits no shorter, whatever its reset says: clocks of seconds are a second apart. */
  waitMsMin: 1_000,
  /** A rate limit waits no longer before it is asked again: no vendor's window is longer than a day. */
  waitMsMax: 24 * 3_600_000,
  /** A rate limit that does not say until when: GitHub asks for at least a minute, twice as long after each. */
  unsaidWaitMs: 60_000,
  unsaidWaitMsMax: 3_600_000,
  /** A URL in a message; errors are bounded at 2,000. */
  subjectCharsMax: 500,
  /** An ETag is kept as state of a source; a longer one is not sent back. */
  validatorCharsMax: 1_000,
} as const;

/** Of a client. */
export type HttpBounds = { readonly [name in keyof typeof httpBounds]: number };

/** Of one call: connections are shared, and keep the bounds of their client. */
export type CallBounds = Omit<HttpBounds, 'connectMs' | 'connectionsMax' | 'headerBytesMax'>;
