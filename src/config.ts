// The only reader of process.env. Everything else gets the frozen result.
import { resolve } from 'node:path';
import { z } from 'zod';
import { InvalidInput } from './domain/errors.js';
import { limits } from './limits.js';

const text = z.string().min(1).optional();

const environment = z.object({
  TRIBUTARY_HOME: text,
  TRIBUTARY_TEMPORAL_CLI: text,
  TRIBUTARY_TASK_QUEUE: z.string().min(1).default('tributary'),
  TRIBUTARY_RAW_RETENTION_DAYS: z.coerce.number().int().min(0).max(3_650).default(limits.rawRetentionDays),
  TRIBUTARY_RECENT_HASHES: z.coerce.number().int().min(0).max(1_000_000).default(limits.recentHashesMax),
  TRIBUTARY_STAGES: text,
  TRIBUTARY_ALLOW_VOLATILE: z.enum(['0', '1'], 'expected 0 or 1').default('0'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'expected postgres://user@host:port/database' }).optional(),
  TEMPORAL_ADDRESS: text,
  TEMPORAL_NAMESPACE: text,
  TEMPORAL_PROFILE: text,
  TEMPORAL_CONFIG_FILE: text,
});

export interface Config {
  /** Where the embedded stack keeps its data, sockets, logs; absolute. */
  readonly home: string;
  /** Set: this database is used and none is started. */
  readonly databaseUrl: string | undefined;
  /** Set by address, profile or configuration file: that Temporal is used and none is started. */
  readonly temporalConfigured: boolean;
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string | undefined;
  readonly temporalCli: string | undefined;
  readonly taskQueue: string;
  readonly rawRetentionDays: number;
  readonly recentHashesMax: number;
  /** A module whose default export is a list of event stages; absolute. */
  readonly stagesModule: string | undefined;
  /** A Postgres that may lose commits in a crash is good enough: for tests, whose data nobody needs. */
  readonly allowVolatile: boolean;
}

/** Parses the environment; all problems are named together, never their values (a URL may hold a password). */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, directory = process.cwd()): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new InvalidInput('environment', problems.join('; '));
  }
  const given = parsed.data;
  return Object.freeze({
    home: resolve(directory, given.TRIBUTARY_HOME ?? '.tributary'),
    databaseUrl: given.DATABASE_URL,
    temporalConfigured: Boolean(given.TEMPORAL_ADDRESS ?? given.TEMPORAL_PROFILE ?? given.TEMPORAL_CONFIG_FILE),
    temporalAddress: given.TEMPORAL_ADDRESS,
    temporalNamespace: given.TEMPORAL_NAMESPACE,
    temporalCli: given.TRIBUTARY_TEMPORAL_CLI,
    taskQueue: given.TRIBUTARY_TASK_QUEUE,
    rawRetentionDays: given.TRIBUTARY_RAW_RETENTION_DAYS,
    recentHashesMax: given.TRIBUTARY_RECENT_HASHES,
    stagesModule: given.TRIBUTARY_STAGES === undefined ? undefined : resolve(directory, given.TRIBUTARY_STAGES),
    allowVolatile: given.TRIBUTARY_ALLOW_VOLATILE === '1',
  });
}

/** Variables that look like ours and are not: a misspelt one is set and does nothing. With the name it is nearest to, if any is near. */
export function unknownVariables(env: NodeJS.ProcessEnv = process.env): { readonly name: string; readonly meant: string | null }[] {
  const known = Object.keys(environment.shape);
  const ours = Object.keys(env).filter((name) => /^TRIB[A-Z]*_/i.test(name) && !known.includes(name));
  return ours.sort().map((name) => ({ name, meant: nearest(name.toUpperCase(), known) }));
}

/** Typing mistakes that still show what was meant. */
const mistakesMax = 3;

function nearest(name: string, known: readonly string[]): string | null {
  const [best] = known.map((candidate) => ({ candidate, apart: mistakes(name, candidate) })).toSorted((one, other) => one.apart - other.apart);
  return best !== undefined && best.apart <= mistakesMax ? best.candidate : null;
}

/** Letters to insert, delete or replace (Levenshtein). */
function mistakes(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (const [at, letter] of one.split('').entries()) {
    const next = [at + 1];
    for (let to = 1; to <= other.length; to++) next.push(Math.min(next[to - 1]! + 1, row[to]! + 1, row[to - 1]! + (letter === other[to - 1] ? 0 : 1)));
    row = next;
  }
  return row[other.length]!;
}
