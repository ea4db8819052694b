// Who asks, and whether they may. A token says both. Without one only this machine is let in, and only where the door listens on
// loopback alone: not what a browser sends for a page of somebody else (Origin, a foreign Host), and not what a proxy passes on.
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import { includesScope, isToken, tokenDigest, type Scope } from '../domain/access.js';
import { isLoopback } from '../loopback.js';
import { findAccessToken } from '../store/access-tokens.js';
import type { Pool } from '../store/pool.js';
import { serverLimits } from './limits.js';
import { Problem } from './problem.js';

export interface Caller {
  /** A token's, or the address that asks. */
  readonly name: string;
}

export interface Access {
  /** Throws Problem 401 or 403. */
  admit(request: IncomingMessage, scope: Scope): Promise<Caller>;
}

interface Known {
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** `open`: this machine needs no token. */
export function createAccess(pool: Pool, open: boolean): Access {
  const known = new LRUCache<string, Promise<Known | null>>({
    max: serverLimits.tokensKnownMax,
    ttl: serverLimits.tokenKnownMs,
  });
  const look = (token: string): Promise<Known | null> => {
    const digest = tokenDigest(token);
    const key = digest.toString('base64');
    const before = known.get(key);
    if (before !== undefined) return before;
    const found = find(pool, digest);
    known.set(key, found);
    // What failed is not kept.
    found.catch(() => known.delete(key));
    return found;
  };
  return {
    async admit(request, scope) {
      const token = bearerOf(request);
      if (token === undefined) {
        if (!open) throw nobody('expected Authorization: Bearer and a token; `tributary token create` makes one');
        assertOwnMachine(request);
        return { name: request.socket.remoteAddress ?? 'unknown' };
      }
      const found = isToken(token) ? await look(token) : null;
      if (found === null) throw nobody('the token is none that holds: mistyped, revoked or expired');
      if (!includesScope(found.scopes, scope)) throw notAllowed(found, scope);
      return { name: `token ${found.name}` };
    },
  };
}

async function find(pool: Pool, digest: Buffer): Promise<Known | null> {
  const found = await findAccessToken(pool, digest);
  return found !== undefined && timingSafeEqual(found.digest, digest) ? found : null;
}

/** Undefined: none is given. Anything else that is given is a wrong one. */
function bearerOf({ headers }: IncomingMessage): string | undefined {
  const { authorization } = headers;
  return authorization === undefined ? undefined : (/^Bearer +([^\s]+) *$/i.exec(authorization)?.[1] ?? '');
}

function assertOwnMachine({ headers, socket }: IncomingMessage): void {
  const { host, origin } = headers;
  const passedOn = ['x-forwarded-for', 'forwarded', 'x-real-ip'].find((name) => headers[name] !== undefined);
  if (passedOn !== undefined || !isLoopback((socket.remoteAddress ?? '').replace(/^::ffff:/, '')))
    throw nobody('only this machine is let in without a token, and a proxy passed this on; give a token');
  if (host !== undefined && !isLoopback(host)) throw foreign('host');
  if (origin !== undefined && !isLoopback(origin.replace(/^https?:\/\//, ''))) throw foreign('origin');
}

function nobody(detail: string): Problem {
  return new Problem({
    status: 401,
    code: 'unauthorized',
    field: 'authorization',
    detail: `authorization: ${detail}`,
    headers: { 'www-authenticate': 'Bearer' },
  });
}

function notAllowed({ name, scopes }: Known, wanted: Scope): Problem {
  return new Problem({
    status: 403,
    code: 'scope_missing',
    field: 'authorization',
    detail: `authorization: the token ${name} is for ${scopes.join(', ')}, and this needs ${wanted}`,
  });
}

function foreign(header: string): Problem {
  return new Problem({
    status: 403,
    code: 'foreign_request',
    field: header,
    detail: `${header}: names another machine; a page of somebody else is not let in without a token`,
  });
}
