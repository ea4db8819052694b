// Connections to Postgres. The only place that knows how one is opened and what every session is bounded by.
import pg from 'pg';
import { limits } from '../limits.js';
import { allBusy, connectingFailure } from './database-failure.js';

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
  const pool = new TellingPool({
    connectionString: strictTls(databaseUrl),
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

/**
 * The driver verifies the server's certificate for each of these, and warns in many lines that a later version of it will not.
 * What is asked for is said as it is done: `no-verify` takes any certificate.
 */
function strictTls(databaseUrl: string): string {
  if (databaseUrl.includes('uselibpqcompat=true')) return databaseUrl;
  return databaseUrl.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full');
}

type Told = Parameters<pg.Pool['connect']>[0];

/** Says what is wrong where no session comes about, whoever asks for one: a command, the worker, an activity. */
class TellingPool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>;
  override connect(told: Told): void;
  override connect(told?: Told): Promise<pg.PoolClient> | void {
    const startedAt = performance.now();
    const session = new Promise<pg.PoolClient>((resolve, reject) =>
      super.connect((error, client) =>
        client === undefined ? reject(error ?? new Error('no session')) : resolve(client),
      ),
    ).catch((error: unknown) => {
      throw this.#failure(error, performance.now() - startedAt);
    });
    if (told === undefined) return session;
    session.then(
      (client) => told(undefined, client, (error) => client.release(error)),
      (error: Error) => told(error, undefined, () => undefined),
    );
  }

  #failure(error: unknown, tookMs: number): Error {
    // A session that could not be opened is not counted any more; if all sessions are open, the wait was for one that
    // is in use.
    const isLate = tookMs >= limits.connectTimeoutMs;
    if (isLate && this.totalCount >= this.options.max!) return allBusy(this.totalCount, error);
    return connectingFailure(error, this.options.connectionString!, tookMs);
  }
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
