// A delivery as it came: the headers that say something and the bytes of the body, which the signature is over.

export interface Delivery {
  /** By lower-case name; a header that came twice is joined, and then no signature. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

/** What a provider's way of delivering is: how it signs, and where it says what happened. */
export interface Provider {
  /** What is wrong with the signature, for the log; null: it is right. `now` in milliseconds. */
  refusal(delivery: Delivery, secrets: readonly string[], now: number): string | null;
  /** Headers that are kept with the event; never a signature. */
  readonly kept: readonly string[];
  /** Unique for ever at the sender, and the same when it delivers again; undefined: it says none. */
  id(headers: Delivery['headers'], body: unknown): string | undefined;
  /** What happened, in the sender's word; undefined: it says none. */
  event(headers: Delivery['headers'], body: unknown): string | undefined;
  subject?(body: unknown): string | undefined;
  /** RFC 3339, or seconds since 1970; undefined: it says none. */
  time?(headers: Delivery['headers'], body: unknown): string | number | undefined;
  /** What the sender wants to read to know that somebody is here. Only asked after the signature. */
  challenge?(body: unknown): string | undefined;
}

/** The text at this path of a body; undefined where there is none. */
export function textAt(body: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(body, path);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

export function numberAt(body: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(body, path);
  return typeof found === 'number' ? found : undefined;
}

function valueAt(body: unknown, path: readonly string[]): unknown {
  let found = body;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string, unknown>)[name];
  }
  return found;
}
