// Bounds of the front door, each with its unit and reason. What one call of the door takes is in src/limits.ts.
import { limits } from '../limits.js';

const KIB = 1024;
const MIB = 1024 * KIB;

export const serverLimits = {
  /** Bytes of one request's body: what the door takes in one call. */
  bodyBytesMax: limits.doorBytesMax,
  /** Bytes of one webhook: it is one record, and its headers stand with it. */
  webhookBytesMax: limits.recordBytesMax - 64 * KIB,
  /** Bytes of all bodies that are here at once, over all requests: they are held twice while their events are made. */
  bodiesBytesMax: 64 * MIB,
  /** A body without a length takes room in steps of this. */
  bodyStepBytes: 64 * KIB,
  /** Of a body that is refused, what is read all the same: a sender that is cut off hears no reason. */
  unreadBytesMax: 64 * MIB,
  /** Nesting of a body: that of an event's data, the event, and the list it stands in. */
  bodyDepthMax: limits.eventDepthMax + 2,
  /** Bytes of all headers of a request, Node's own bound; a CloudEvent's attributes are some hundred. */
  headersBytesMax: 16 * KIB,
  /** Headers of a request; the rest would be left out in silence. */
  headersMax: 200,
  /** Requests at work, over all callers. Each is some KiB beside its body; those of one source commit in turn, so more only wait longer. */
  requestsMax: 1_024,
  /** Of one caller, a token or an address: half, so that one cannot shut the others out. */
  requestsOfCallerMax: 512,
  /** Connections, idle ones too: 10 KiB each. */
  connectionsMax: 10_000,
  /** From the first byte of a request to its last: 16 MiB over a line of 3 Mbit/s. */
  requestMs: 60_000,
  /** From the first byte to the end of the headers. */
  headersMs: 10_000,
  /** An idle connection is kept for the next request; longer than the 60 s of usual proxies, which else find it closed. */
  keepAliveMs: 65_000,
  /** Connections are looked at for the bounds above this often. */
  lookMs: 2_000,
  /** Requests at work may end when the process is told to: two statements at their timeout. */
  drainMs: 20_000,
  /** What to wait after 429 and 503, where nothing says more: some commits. */
  retrySeconds: 1,
  /** While a person has to act: a pause, a setting. */
  retryAttentionSeconds: 60,
  /** What a token may do is asked again after this: so long a revoked one still works. */
  tokenKnownMs: 1_000,
  /** Tokens that are remembered, known ones and others. */
  tokensKnownMax: 1_000,
  /** Characters of an Idempotency-Key; UUIDs have 36. */
  idempotencyKeyCharsMax: 255,
  /** The same line is logged again after this; what anybody may cause must not fill a disk. */
  logAgainMs: 10_000,
  logLinesKnown: 1_000,
  /** Sessions with Postgres, of this process alone: a busy worker has its own. */
  poolConnectionsMax: 10,
  /** And of the live stream: one listens for good, one reads at the head, two for clients that are behind. */
  streamConnectionsMax: 4,
} as const;
