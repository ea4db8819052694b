// Connections to Postgres. The only place that knows how one is opened and what every session is bounded by.
import pg from 'pg';
import { limits } from '../limits.js';

export type Pool = pg.Pool;
export type Session = pg.PoolClient;
/** Anything that runs one statement: the pool, or a session inside a transaction. */
export interface Queryable {
  query: pg.Pool['query'];
}

export interface PoolOptions {
  /** Shown in pg_stat_activity. */
  readonly name: string;
  readonly connectionsMax?: number;
  /** Take this role after login: the worker runs with fewer rights than the user that migrates. */
  readonly role?: string;
  readonly statementTimeoutMs?: number;
}

/** Opens lazily: an unreachable database shows at the first query. */
export function createPool(databaseUrl: string, options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    application_name: `tributary ${options.name}`,
    max: options.connectionsMax ?? limits.poolConnectionsMax,
    connectionTimeoutMillis: limits.connectTimeoutMs,
    keepAlive: true,
    options: sessionSettings(options),
  });
  // A killed server ends idle connections with an error event; unheard, it would end the process. The pool drops the
  // connection by itself and the next query opens another.
  pool.on('error', () => {});
  return pool;
}

function sessionSettings({ role, statementTimeoutMs = limits.statementTimeoutMs }: PoolOptions): string {
  const settings = [
    `statement_timeout=${statementTimeoutMs}`,
    `idle_in_transaction_session_timeout=${limits.statementTimeoutMs}`,
    'search_path=public',
    'timezone=UTC',
    ...(role === undefined ? [] : [`role=${role}`]),
  ];
  return settings.map((setting) => `-c ${setting}`).join(' ');
}
