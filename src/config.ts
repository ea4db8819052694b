// The only reader of process.env. Everything else gets the frozen result.
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readConfigFile, type ConfigFile } from './config-file/config-file.js';
import { InvalidInput } from './domain/errors.js';
import { issueWords } from './domain/issue-words.js';
import { operatorReference } from './domain/secret-reference.js';
import { namedExtensions } from './extension-paths.js';
import { nameableHome, placeOfHome, type HomePlace } from './home-place.js';
import { limits } from './limits.js';
import { databaseUrl, httpUrl, listenPlace, temporalAddress, type ListenPlace } from './connection-forms.js';
import { directLoopback } from './loopback.js';
import { memorySize } from './memory-size.js';
import { usualMemoryBytes } from './worker-memory.js';

const text = z.string().min(1, 'is set to nothing: expected a value; or unset it').optional();

const embedFields = z
  .string()
  .transform((text, context) =>
    jsonOr(text, () => context.addIssue('expected JSON like {"acme.note":["title","body"]}')),
  )
  .pipe(z.record(z.string(), z.array(z.string().min(1)), 'expected a list of fields for each event type'));

/** Names of ours, and those by which Postgres' and Temporal's clients find their passwords and keys. */
const ownVariable = /^(TRIBUTARY_|TEMPORAL_|PG|DATABASE_URL$)/i;

const extensionsEnv = z
  .string()
  .transform(namesIn)
  .refine(
    (names) => names.every((name) => /^\w+$/.test(name) && !ownVariable.test(name)),
    "expected names of variables with commas between them, and none of Tributary's, Postgres' or Temporal's own",
  );

const environment = z.object({
  TRIBUTARY_HOME: text,
  TRIBUTARY_CONFIG: text,
  TRIBUTARY_PROFILE: text,
  TRIBUTARY_SECRETS_DIR: text,
  TRIBUTARY_TEMPORAL_CLI: text,
  TRIBUTARY_TASK_QUEUE: z.string().min(1).default('tributary'),
  TRIBUTARY_RAW_RETENTION_DAYS: z.coerce.number().int().min(0).max(3_650).default(limits.rawRetentionDays),
  TRIBUTARY_RECENT_HASHES: z.coerce.number().int().min(0).max(1_000_000).default(limits.recentHashesMax),
  TRIBUTARY_MEMORY: memorySize.optional(),
  TRIBUTARY_EXTENSIONS: z.string().optional(),
  TRIBUTARY_EXTENSIONS_ENV: extensionsEnv.default([]),
  TRIBUTARY_STAGES: text,
  TRIBUTARY_ENRICH_OFF: text,
  TRIBUTARY_EMBED_URL: httpUrl.optional(),
  TRIBUTARY_EMBED_MODEL: z.string().min(1).max(limits.optionCharsMax).optional(),
  TRIBUTARY_EMBED_KEY: operatorReference.optional(),
  TRIBUTARY_EMBED_DIMENSIONS: z.coerce.number().int().min(1).max(limits.embedDimensionsMax).optional(),
  TRIBUTARY_EMBED_FIELDS: embedFields.optional(),
  TRIBUTARY_LISTEN: listenPlace.optional(),
  TRIBUTARY_TOKEN_NEEDED: z.enum(['0', '1'], 'expected 0 or 1').default('0'),
  TRIBUTARY_ALLOW_VOLATILE: z.enum(['0', '1'], 'expected 0 or 1').default('0'),
  DATABASE_URL: databaseUrl.optional(),
  TEMPORAL_ADDRESS: temporalAddress.optional(),
  TEMPORAL_NAMESPACE: text,
  TEMPORAL_PROFILE: text,
  TEMPORAL_CONFIG_FILE: text,
  HTTPS_PROXY: z.string().optional(),
  HTTP_PROXY: z.string().optional(),
  NO_PROXY: z.string().optional(),
});

/** Names of the variables that are read here; variables.ts says what each means. */
export type ReadVariable = keyof z.input<typeof environment>;

export interface EmbedConfig {
  readonly url: string;
  readonly model: string;
  /** A reference for `resolveSecret`; a path in it is absolute. */
  readonly key: string | undefined;
  readonly dimensions: number | undefined;
  readonly fields: Readonly<Record<string, readonly string[]>>;
}

export interface ProxyConfig {
  readonly https: string | undefined;
  readonly http: string | undefined;
  readonly none: string | undefined;
}

export interface Config {
  /** Where the embedded stack keeps its data and logs, and every worker its mirrors; absolute. */
  readonly home: string;
  /** Why it is that one, and which others there are. */
  readonly homePlace: HomePlace;
  /** The tributary.yaml in force; undefined: none. */
  readonly file: ConfigFile | undefined;
  /** The folder that `file:` references of sources name files in; absolute. */
  readonly secretsDirectory: string;
  /** Set: this database is used and none is started. */
  readonly databaseUrl: string | undefined;
  /** Set by address, profile or configuration file: that Temporal is used and none is started. */
  readonly temporalConfigured: boolean;
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string | undefined;
  readonly temporalProfile: string | undefined;
  /** Absolute. */
  readonly temporalConfigFile: string | undefined;
  readonly temporalCli: string | undefined;
  readonly taskQueue: string;
  readonly rawRetentionDays: number;
  readonly recentHashesMax: number;
  /** What one worker may take of the machine's memory. */
  readonly memoryBytes: number;
  /** Modules of an operator's own: absolute paths; a word that leads to no module stays as it is. */
  readonly extensions: readonly string[];
  /** Names of variables that their processes are given beside the harmless ones. */
  readonly extensionsEnv: readonly string[];
  /** Names of enrichment processors that do not run. */
  readonly enrichOff: readonly string[];
  /** Undefined: nothing is embedded. */
  readonly embed: EmbedConfig | undefined;
  /** Where the front door listens; undefined: on loopback, at its usual port or a free one. */
  readonly listen: ListenPlace | undefined;
  /** The front door lets nobody in without a token, this machine neither. */
  readonly tokenNeeded: boolean;
  /** How the outside is reached. */
  readonly proxy: ProxyConfig;
  /** A Postgres that may lose commits in a crash is good enough: for tests, whose data nobody needs. */
  readonly allowVolatile: boolean;
}

/** For every process of ours to call first; what it starts inherits it. */
export function keepLoopbackDirect(env: NodeJS.ProcessEnv = process.env): void {
  Object.assign(env, directLoopback(env));
}

/** As it is when it is asked: where secrets are. */
export const currentEnvironment: NodeJS.ProcessEnv = process.env;

/**
 * Parses the environment, with what tributary.yaml says below it; all problems are named together, never their values (a
 * URL may hold a password).
 */
export function loadConfig(env: NodeJS.ProcessEnv = process.env, directory = currentDirectory()): Config {
  // Before the file, which says nothing of these.
  const own = parsedEnvironment(env);
  const homePlace = placeOfHome(env, directory);
  const home = nameableHome(homePlace.path);
  const secretsDirectory = resolve(directory, own.TRIBUTARY_SECRETS_DIR ?? join(home, 'secrets'));
  const { file, variables = {} } = readConfigFile({ environment: env, directory, home, secretsDirectory }) ?? {};
  const set = Object.entries(env).filter(([, value]) => value !== undefined);
  const given = file === undefined ? own : parsedEnvironment({ ...variables, ...Object.fromEntries(set) }, file);
  return Object.freeze({
    home,
    homePlace,
    file,
    secretsDirectory,
    databaseUrl: given.DATABASE_URL,
    temporalConfigured: Boolean(given.TEMPORAL_ADDRESS ?? given.TEMPORAL_PROFILE ?? given.TEMPORAL_CONFIG_FILE),
    temporalAddress: given.TEMPORAL_ADDRESS,
    temporalNamespace: given.TEMPORAL_NAMESPACE,
    temporalProfile: given.TEMPORAL_PROFILE,
    temporalConfigFile:
      given.TEMPORAL_CONFIG_FILE === undefined ? undefined : resolve(directory, given.TEMPORAL_CONFIG_FILE),
    temporalCli: given.TRIBUTARY_TEMPORAL_CLI,
    taskQueue: given.TRIBUTARY_TASK_QUEUE,
    rawRetentionDays: given.TRIBUTARY_RAW_RETENTION_DAYS,
    recentHashesMax: given.TRIBUTARY_RECENT_HASHES,
    memoryBytes: given.TRIBUTARY_MEMORY ?? usualMemoryBytes(),
    extensions: namedExtensions(given, directory, home),
    extensionsEnv: given.TRIBUTARY_EXTENSIONS_ENV,
    enrichOff: namesIn(given.TRIBUTARY_ENRICH_OFF ?? ''),
    embed: embedConfig(given, directory),
    listen: given.TRIBUTARY_LISTEN,
    tokenNeeded: given.TRIBUTARY_TOKEN_NEEDED === '1',
    // In small letters they win, as with curl.
    proxy: {
      https: env['https_proxy'] ?? given.HTTPS_PROXY,
      http: env['http_proxy'] ?? given.HTTP_PROXY,
      none: env['no_proxy'] ?? given.NO_PROXY,
    },
    allowVolatile: given.TRIBUTARY_ALLOW_VOLATILE === '1',
  });
}

function parsedEnvironment(env: NodeJS.ProcessEnv, file?: ConfigFile): z.infer<typeof environment> {
  const parsed = environment.safeParse(env, { error: issueWords });
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  // What the file says was right by itself; this is what only the variable's own form says.
  const said = file?.settings.find(({ variable }) => variable === issues[0]?.path[0]);
  if (said !== undefined) throw new InvalidInput(`${said.at}: ${said.field}`, issues[0]!.message);
  const problems = issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new InvalidInput('environment', problems.join('; '));
}

/** A shell may stand in a directory that was deleted. */
function currentDirectory(): string {
  try {
    return process.cwd();
  } catch {
    throw new InvalidInput(
      'directory',
      'the current directory is gone: it was deleted or moved; change to one that is there',
    );
  }
}

/** `metadata, code` */
function namesIn(list: string): string[] {
  return list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function embedConfig(given: z.infer<typeof environment>, directory: string): EmbedConfig | undefined {
  const { TRIBUTARY_EMBED_URL: url, TRIBUTARY_EMBED_MODEL: model, TRIBUTARY_EMBED_KEY: key } = given;
  const missing = url === undefined ? 'TRIBUTARY_EMBED_URL' : model === undefined ? 'TRIBUTARY_EMBED_MODEL' : undefined;
  if (url === undefined && model === undefined && key === undefined) return undefined;
  if (url === undefined || model === undefined)
    throw new InvalidInput(
      'environment',
      `${missing} is not set, but others of TRIBUTARY_EMBED_… are: expected both the URL and the model`,
    );
  const reference = key?.startsWith('file:') === true ? `file:${resolve(directory, key.slice('file:'.length))}` : key;
  return {
    url,
    model,
    key: reference,
    dimensions: given.TRIBUTARY_EMBED_DIMENSIONS,
    fields: given.TRIBUTARY_EMBED_FIELDS ?? {},
  };
}

function jsonOr(text: string, refuse: () => void): unknown {
  try {
    return JSON.parse(text);
  } catch {
    refuse();
    return z.NEVER;
  }
}
