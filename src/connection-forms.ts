// How the addresses of servers are written in the environment.
import { z } from 'zod';

export const httpUrl = z
  .url({ protocol: /^https?$/, error: 'expected http://… or https://…' })
  .refine((text) => !/^[a-z]+:\/\/[^/?#]*@/i.test(text), 'expected a URL without a user or a password');

/** A stray '%' is taken for itself by the driver; a code that is no UTF-8 makes it throw. */
export const databaseUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user@host:port/database' })
  .refine(
    (text) => isDecodable(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25')),
    "holds percent codes that are no UTF-8; write %25 for a '%' itself",
  );

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** `port` 0: any that is free. */
export interface ListenPlace {
  readonly host: string;
  readonly port: number;
}

/** Where the front door listens. A name could be several addresses, but for this one. */
export const listenPlace = z
  .string()
  .regex(/^(\[[0-9a-f:.]+\]|(\d{1,3}\.){3}\d{1,3}|localhost):\d{1,5}$/i, 'expected address:port, like 127.0.0.1:8377')
  .transform((text): ListenPlace => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'expected a port of at most 65535');

export const temporalAddress = z
  .string()
  .regex(/^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i, 'expected host:port, like 127.0.0.1:7233')
  .refine((address) => Number(/:(\d+)$/.exec(address)?.[1] ?? 1) <= 65_535, 'expected a port of at most 65535');
