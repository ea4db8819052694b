// Every environment variable there is. The tables of docs/environment.md and what `doctor` tells of settings are made of this;
// config.ts reads and checks them.
import type { Config, ReadVariable } from './config.js';
import { inheritedVariables } from './inherited-variables.js';
import { limits } from './limits.js';

export interface Variable {
  /** Markdown, in one line. */
  readonly meaning: string;
  readonly unit: string;
  /** Markdown: what holds without it. */
  readonly default: string;
  readonly example: string;
  /** It is, or may hold, a secret: nobody is ever told more than that it is set. */
  readonly secret?: true;
  /** What is in force, as a person reads it; null: nothing. Left out where nothing but the variable itself says so. */
  readonly inForce?: (config: Config) => string | number | null;
  /** What it follows from without the variable, where that is no fixed value. */
  readonly derivedFrom?: string;
}

const list = (names: readonly string[]): string | null => (names.length === 0 ? null : names.join(', '));
export const ownVariables: Readonly<Record<ReadVariable, Variable>> = {
  TRIBUTARY_HOME: {
    meaning:
      'where the embedded stack keeps its data and logs, and every worker its mirrors; no control characters, at most 850 bytes with its path',
    unit: 'path',
    default:
      'the nearest `.tributary` upwards; else `~/.local/share/tributary` ([where the data lies](operating.md#where-the-data-lies))',
    example: '/srv/tributary',
    inForce: ({ home }) => home,
    derivedFrom: 'the current directory and its parents, XDG_DATA_HOME or the home directory',
  },
  TRIBUTARY_CONFIG: {
    meaning:
      'the [tributary.yaml](configuration.md) that is taken; `none`: none is. What it says holds where no variable says otherwise',
    unit: 'path',
    default: 'the nearest `tributary.yaml` upwards',
    example: './tributary.yaml',
    inForce: ({ file }) => file?.path ?? null,
    derivedFrom: 'the current directory and its parents',
  },
  TRIBUTARY_PROFILE: {
    meaning: 'the [profile](configuration.md#profiles) of it that is laid over the rest',
    unit: 'name',
    default: 'none',
    example: 'development',
    inForce: ({ file }) => file?.profile ?? null,
  },
  DATABASE_URL: {
    meaning: 'a Postgres of your own (15 or later); none is started then',
    unit: 'URL',
    default: 'the embedded one',
    example: 'postgres://ana@db.example:5432/events',
    secret: true,
  },
  TEMPORAL_ADDRESS: {
    meaning: 'a Temporal of your own; none is started then',
    unit: 'host:port',
    default: 'the embedded one',
    example: 'temporal.example:7233',
    inForce: ({ temporalAddress }) => temporalAddress ?? null,
  },
  TEMPORAL_NAMESPACE: {
    meaning: 'its namespace',
    unit: 'name',
    default: '`default`, or what the profile says',
    example: 'events',
    inForce: ({ temporalNamespace }) => temporalNamespace ?? null,
  },
  TEMPORAL_PROFILE: {
    meaning: "a profile of Temporal's configuration file, as for the `temporal` program",
    unit: 'name',
    default: 'none',
    example: 'production',
    inForce: ({ temporalProfile }) => temporalProfile ?? null,
  },
  TEMPORAL_CONFIG_FILE: {
    meaning: 'that file',
    unit: 'path',
    default: "Temporal's own place",
    example: '/etc/temporal.toml',
    inForce: ({ temporalConfigFile }) => temporalConfigFile ?? null,
  },
  TRIBUTARY_TASK_QUEUE: {
    meaning: 'the task queue of workers and of the commands that start syncs',
    unit: 'name',
    default: '`tributary`',
    example: 'tributary-staging',
    inForce: ({ taskQueue }) => taskQueue,
  },
  TRIBUTARY_MEMORY: {
    meaning: "what one worker may take of the machine's memory; heap and room for pages follow from it",
    unit: 'bytes, or with KiB, MiB, GiB, KB, MB, GB; at least 320MiB',
    default: "a thirty-second of the machine's, from 400 MiB to 1 GiB",
    example: '600MiB',
    inForce: ({ memoryBytes }) => memoryBytes,
    derivedFrom: 'the machine',
  },
  TRIBUTARY_RECENT_HASHES: {
    meaning: 'hashes of events remembered in memory, to recognise repeats',
    unit: 'hashes, 0 to 1,000,000',
    default: `\`${limits.recentHashesMax}\``,
    example: '50000',
    inForce: ({ recentHashesMax }) => recentHashesMax,
  },
  TRIBUTARY_RAW_RETENTION_DAYS: {
    meaning: 'how long raw pages are kept after their commit, where a source [says nothing else](settings.md)',
    unit: 'days, 0 to 3,650',
    default: `\`${limits.rawRetentionDays}\``,
    example: '30',
    inForce: ({ rawRetentionDays }) => rawRetentionDays,
  },
  TRIBUTARY_EXTENSIONS: {
    meaning:
      'modules with [sources](adding-a-source.md), [stages](adding-a-stage.md) and [enrichment processors](enrichment.md) of your own, for worker and commands alike',
    unit: 'paths or packages, with commas',
    default: 'none',
    example: './acme-notes.js,acme-source',
    inForce: ({ extensions }) => list(extensions),
  },
  TRIBUTARY_EXTENSIONS_ENV: {
    meaning: 'variables that the [processes of extensions](adding-a-stage.md#where-it-runs) see; no secret without it',
    unit: 'names, with commas',
    default: 'none',
    example: 'ACME_TOKEN,ACME_REGION',
    inForce: ({ extensionsEnv }) => list(extensionsEnv),
  },
  TRIBUTARY_STAGES: {
    meaning: 'the former name of `TRIBUTARY_EXTENSIONS`',
    unit: 'one path',
    default: 'none',
    example: './stages.js',
  },
  TRIBUTARY_ENRICH_OFF: {
    meaning: '[enrichment processors](enrichment.md) that do not run',
    unit: 'names, with commas',
    default: 'none',
    example: 'metadata,code',
    inForce: ({ enrichOff }) => list(enrichOff),
  },
  TRIBUTARY_EMBED_URL: {
    meaning: '[embeddings](embeddings.md): an OpenAI-compatible endpoint; nothing is embedded without it',
    unit: 'URL without a user or a password',
    default: 'none',
    example: 'http://127.0.0.1:8080/v1',
    // What follows the '?' may be a key.
    inForce: ({ embed }) => embed?.url.replace(/[?#].*/s, '') ?? null,
  },
  TRIBUTARY_EMBED_MODEL: {
    meaning: 'its model',
    unit: 'name',
    default: 'none; needed with the URL',
    example: 'text-embedding-3-small',
    inForce: ({ embed }) => embed?.model ?? null,
  },
  TRIBUTARY_EMBED_KEY: {
    meaning: 'where its key is read from; never the key itself',
    unit: '`env:NAME` or `file:PATH`',
    default: 'no key',
    example: 'env:EMBED_KEY',
    secret: true,
  },
  TRIBUTARY_EMBED_DIMENSIONS: {
    meaning: 'vectors are asked for with so many numbers',
    unit: `numbers, 1 to ${limits.embedDimensionsMax.toLocaleString('en-US')}`,
    default: 'as many as the model gives',
    example: '256',
    inForce: ({ embed }) => embed?.dimensions ?? null,
  },
  TRIBUTARY_EMBED_FIELDS: {
    meaning: 'which fields of which event types are embedded, laid over what sources say',
    unit: 'JSON: a list of fields by type, `*` for all types',
    default: 'what sources say',
    example: '{"acme.note":["title","body"]}',
    inForce: ({ embed }) => (embed === undefined ? null : list(Object.keys(embed.fields))),
  },
  TRIBUTARY_SECRETS_DIR: {
    meaning:
      'the folder of [secrets](sources/git.md#private-repositories) that sources name by `file:NAME` and `tributary secret set` writes',
    unit: 'path',
    default: '`secrets` in `TRIBUTARY_HOME`',
    example: '/run/secrets/tributary',
    inForce: ({ secretsDirectory }) => secretsDirectory,
    derivedFrom: 'TRIBUTARY_HOME',
  },
  TRIBUTARY_LISTEN: {
    meaning: 'where the [front door](front-door.md) listens. Anywhere but on loopback every request needs a token',
    unit: 'address:port',
    default: '127.0.0.1 and port 8377, or a free one where that is taken',
    example: '0.0.0.0:8377',
    inForce: ({ listen }) => (listen === undefined ? null : `${listen.host}:${listen.port}`),
  },
  TRIBUTARY_TOKEN_NEEDED: {
    meaning: '`1`: the front door lets nobody in [without a token](front-door.md#who-may-ask), this machine neither',
    unit: '0 or 1',
    default: '`0`',
    example: '1',
    inForce: ({ tokenNeeded }) => (tokenNeeded ? 1 : 0),
  },
  TRIBUTARY_TEMPORAL_CLI: {
    meaning: 'the `temporal` program to use',
    unit: 'path',
    default: 'the one on `PATH`, or in the cache, or downloaded',
    example: '/usr/local/bin/temporal',
    inForce: ({ temporalCli }) => temporalCli ?? null,
  },
  TRIBUTARY_ALLOW_VOLATILE: {
    meaning: '`1`: accept a Postgres with `fsync` or the like off; for tests only',
    unit: '0 or 1',
    default: '`0`',
    example: '1',
    inForce: ({ allowVolatile }) => (allowVolatile ? 1 : 0),
  },
  HTTPS_PROXY: {
    meaning: 'for what lies outside: git, embeddings, a Temporal elsewhere. Also as `https_proxy`, which wins',
    unit: 'URL',
    default: 'none',
    example: 'http://proxy.example:3128',
    secret: true,
  },
  HTTP_PROXY: {
    meaning: 'the same for http. Also as `http_proxy`, which wins, and which alone git reads',
    unit: 'URL',
    default: 'none',
    example: 'http://proxy.example:3128',
    secret: true,
  },
  NO_PROXY: {
    meaning:
      'hosts that are reached without. Also as `no_proxy`. What our own processes say to each other on this machine never goes through a proxy, whatever it holds',
    unit: 'hosts, with commas',
    default: 'none',
    example: 'git.internal,.example',
    inForce: ({ proxy }) => proxy.none ?? null,
  },
};

export const variables: Readonly<Record<string, Variable>> = { ...ownVariables, ...inheritedVariables };
