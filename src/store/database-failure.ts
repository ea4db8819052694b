// What a failure of Postgres means to the person who runs it: one sentence with what was found and what to do, by
// SQLSTATE and system codes. The words of the driver and of the server stay in `cause`, which --debug and the server's
// own log show.
import { Transient } from '../domain/errors.js';
import { limits } from '../limits.js';

/** No session came about. `tookMs` tells a time-out, which has no code. */
export function connectingFailure(cause: unknown, databaseUrl: string, tookMs: number): Transient {
  const place = placeOf(databaseUrl);
  const code = codeOf(cause) ?? (tookMs >= limits.connectTimeoutMs ? 'ETIMEDOUT' : undefined);
  const sentence =
    code === undefined || code === 'ECONNRESET'
      ? unspoken(place)
      : (bySqlState(code, place) ?? bySystem(code, place, cause) ?? plain(code, place));
  return new Transient(code ?? 'postgres_unreachable', sentence, { cause });
}

/** The server is there; we have as many sessions as we may, and none came free in time. */
export function allBusy(sessions: number, cause: unknown): Transient {
  const seconds = limits.connectTimeoutMs / 1_000;
  return new Transient(
    'sessions_busy',
    `all ${sessions} sessions of this process with Postgres were busy for ${seconds} s; it goes on when one is free`,
    { cause },
  );
}

/** Of a statement in an open session; undefined for an error that is not Postgres's. */
export function statementFailure(error: unknown): Transient | undefined {
  if (!isOfPostgres(error)) return undefined;
  // Raised by a function of ours, in our own words.
  if (error.code.startsWith('P0')) return undefined;
  const [, sentence] = statements.find(([start]) => error.code.startsWith(start)) ?? [];
  const text = sentence ?? 'Postgres refused a statement of ours; its log says why, and so does --debug';
  return new Transient(error.code, `${text} (SQLSTATE ${error.code})`, { cause: error });
}

/**
 * An error is known by its fields and not by its class: the driver takes long to load, and the caller may not need it.
 */
function isOfPostgres(error: unknown): error is Error & { readonly code: string } {
  if (!(error instanceof Error) || !('severity' in error) || !('code' in error)) return false;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code);
}

/** SQLSTATE by its beginning, the longer first. */
const statements: readonly (readonly [start: string, sentence: string])[] = [
  [
    '42P01',
    'the database of DATABASE_URL has no tables of Tributary yet: a worker makes them when it starts; start one with `tributary worker`, or correct the database name',
  ],
  ['42501', 'the user of DATABASE_URL may not do this; grant it the right, or use the owner of the tables'],
  ['42', 'the tables there are not those of this version of Tributary; `tributary doctor` tells which'],
  ['25006', 'this Postgres is read-only, as a standby is; point DATABASE_URL to the primary'],
  ['57014', 'Postgres was told to give up a statement that took too long; ask for less, or try again'],
  ['57P', 'Postgres is starting or stopping; try again when it is up'],
  ['53100', 'Postgres has no room on its disk; make some'],
  ['53300', 'Postgres has no connection left; raise max_connections, or end other clients'],
  ['53', 'Postgres is short of memory or of another resource'],
  ['08', 'the connection to Postgres was lost; try again'],
  ['40', 'Postgres gave this up for another transaction; try again'],
  ['55', 'what is asked for is in use by another session; try again'],
  ['22', 'Postgres cannot hold or compare a value as it is'],
  ['58', 'Postgres cannot read or write its files; its log says which'],
  ['XX', 'Postgres found damage, or a fault of its own; its log says which'],
];

interface Place {
  readonly server: string;
  readonly host: string;
  readonly user: string;
  readonly database: string;
  readonly wantsTls: boolean;
  readonly hasPassword: boolean;
}

/** As the driver reads the url; never the password. */
function placeOf(databaseUrl: string): Place {
  const url = new URL(databaseUrl);
  const host = url.searchParams.get('host') ?? decoded(url.hostname);
  const files = ['sslrootcert', 'sslcert', 'sslkey'].some((name) => url.searchParams.has(name));
  const tls = url.searchParams.get('sslmode') ?? url.searchParams.get('ssl') ?? (files ? 'require' : 'disable');
  return {
    host: host || 'localhost',
    server: `Postgres at ${host || 'localhost'}:${url.searchParams.get('port') ?? (url.port || '5432')}`,
    user: decoded(url.username) || 'of this machine',
    database: decoded(url.pathname.slice(1)) || decoded(url.username),
    wantsTls: !['disable', 'false', '0'].includes(tls),
    hasPassword: url.password !== '' || url.searchParams.has('password'),
  };
}

function decoded(text: string): string {
  return decodeURIComponent(text.replaceAll(/%(?![0-9a-f]{2})/gi, '%25'));
}

function codeOf(error: unknown): string | undefined {
  // A host with several addresses: all failed, the first tells.
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : undefined;
}

function bySqlState(code: string, { server, user, database, wantsTls }: Place): string | undefined {
  switch (code) {
    case '28P01':
      return `${server} refuses the password of user ${user}; correct it in DATABASE_URL (${code})`;
    case '28000':
      return `${server} lets user ${user} not in from here${wantsTls ? '' : ' without TLS'}; correct the user in DATABASE_URL${wantsTls ? '' : ', add sslmode=require'}, or allow it in pg_hba.conf (${code})`;
    case '3D000':
      return `${server} has no database ${database}; create it, or correct the name in DATABASE_URL (${code})`;
    case '42501':
      return `${server} lets user ${user} not use database ${database}; grant it connect, or correct DATABASE_URL (${code})`;
    case '53300':
      return `${server} has no connection left; raise max_connections, or end other clients (${code})`;
    case '57P03':
      return `${server} is starting or stopping; try again when it is up (${code})`;
    default:
      return undefined;
  }
}

function bySystem(code: string, { server, host }: Place, cause: unknown): string | undefined {
  const { syscall, path } = cause as { syscall?: string; path?: string };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return `Postgres cannot be reached: its host ${host} does not resolve (${code}); correct the host in DATABASE_URL, or the DNS of this machine`;
  if (syscall === 'open')
    return `Postgres cannot be asked: the file ${path} that DATABASE_URL names cannot be read (${code}); correct its path`;
  if (/^(ERR_TLS|ERR_SSL|ERR_OSSL|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO)/.test(code))
    return `${server} and this machine do not agree on TLS (${code}); correct sslmode and sslrootcert in DATABASE_URL (sslmode=no-verify takes any certificate), or the certificate of the server`;
  if (/^E[A-Z]+$/.test(code))
    return `${server} does not answer (${code}); start it, or correct host and port in DATABASE_URL; where that is unset, \`tributary up\` starts the embedded one`;
  return undefined;
}

function plain(code: string, { server }: Place): string {
  return `${server} refuses the connection (SQLSTATE ${code}); its log says why; correct DATABASE_URL, or the server`;
}

/** The driver gave up without a code, or the connection was ended: no TLS there, no password here, or nothing that speaks as Postgres does. */
function unspoken({ server, wantsTls, hasPassword, user }: Place): string {
  const other = 'or correct host and port, where another program may answer';
  if (wantsTls)
    return `${server} does not offer TLS, which DATABASE_URL asks for; turn it on there, take sslmode out of DATABASE_URL, ${other}`;
  return hasPassword
    ? `what answers as ${server} ended the connection or is no Postgres; correct host and port in DATABASE_URL`
    : `${server} wants a password for user ${user}, and DATABASE_URL holds none; add it, ${other}`;
}
