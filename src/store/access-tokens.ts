// Tokens of the front door, by their digests.
import type { Scope } from '../domain/access.js';
import type { Queryable } from './pool.js';

export interface AccessToken {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
}

export interface NewAccessToken extends Pick<AccessToken, 'name' | 'scopes' | 'createdBy' | 'expiresAt'> {
  readonly digest: Buffer;
}

/** False, and nothing stored, when the name is taken, also by one that was revoked. */
export async function insertAccessToken(db: Queryable, token: NewAccessToken): Promise<boolean> {
  const { rowCount } = await db.query(
    `insert into access_tokens (name, digest, scopes, created_by, expires_at) values ($1, $2, $3, $4, $5)
     on conflict (name) do nothing`,
    [token.name, token.digest, token.scopes, token.createdBy, token.expiresAt],
  );
  return rowCount === 1;
}

const columns = `name, scopes, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt", revoked_at as "revokedAt"`;

/** Newest first. */
export async function listAccessTokens(db: Queryable, rowsMax = 10_000): Promise<AccessToken[]> {
  const { rows } = await db.query<AccessToken>(
    `select ${columns} from access_tokens order by created_at desc, name limit $1`,
    [rowsMax],
  );
  return rows;
}

/** `revoked`: now. `before`: it was already. */
export async function revokeAccessToken(
  db: Queryable,
  name: string,
  by: string,
): Promise<'revoked' | 'before' | undefined> {
  const { rows } = await db.query<{ now: boolean }>(
    `with revoked as (
       update access_tokens set revoked_at = clock_timestamp(), revoked_by = $2 where name = $1 and revoked_at is null returning name
     )
     select exists (select from revoked) as now from access_tokens where name = $1`,
    [name, by],
  );
  const [row] = rows;
  return row === undefined ? undefined : row.now ? 'revoked' : 'before';
}

/** Of one that holds now: neither revoked nor expired, by the clock of Postgres. */
export async function findAccessToken(
  db: Queryable,
  digest: Buffer,
): Promise<(Pick<AccessToken, 'name' | 'scopes'> & { readonly digest: Buffer }) | undefined> {
  const { rows } = await db.query<{ name: string; scopes: Scope[]; digest: Buffer }>({
    name: 'find_access_token',
    text: `select name, scopes, digest from access_tokens
            where digest = $1 and revoked_at is null and (expires_at is null or expires_at > clock_timestamp())`,
    values: [digest],
  });
  return rows[0];
}
