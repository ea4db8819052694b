// What tributary.yaml may say of the processes themselves: each entry is the one of an environment variable, which wins over it.
// A section that has no effect yet is none: a setting that is taken and does nothing would be believed. A new one is a line in
// `sections`, and lines in `variableOf`.
import { z } from 'zod';
import { databaseUrl, httpUrl, temporalAddress } from '../connection-forms.js';
import { secretReference } from '../domain/secret-reference.js';
import { limits } from '../limits.js';

/** Ten years, as of a source. */
const rawRetentionDaysMax = 3_650;
const recentHashesMax = 1_000_000;

const name = z.string().min(1, 'is empty').max(limits.optionCharsMax);
/** They are one variable, with commas between. */
const word = z.string().regex(/^[^\s,]+$/, 'expected a name without spaces and commas');

const password = /^[a-z]+:\/\/[^/?#]*:[^/?#]*@|[?&](password|sslpassword)=/i;
const plainDatabaseUrl = databaseUrl.refine(
  (url) => !password.test(url),
  'holds a password; expected one without, or env:TRIBUTARY_SECRET_NAME or file:NAME, which the whole URL is read from',
);

/** As the variables have them: a reference stands for all of the value. */
const databasePlace = z
  .string('expected postgres://user@host:port/database, or a reference')
  .superRefine((text, context) => {
    const schema = isReference(text) ? secretReference : plainDatabaseUrl;
    for (const { message } of schema.safeParse(text).error?.issues.slice(0, 1) ?? []) context.addIssue(message);
  });

export function isReference(text: string): boolean {
  return /^(env|file):/.test(text);
}

const memory = z
  .union([z.int().min(1), z.string()], 'expected a size like 600MiB')
  .refine((size) => /^\d{1,15}\s*([KMGT]i?B?|B)?$/i.test(String(size)), 'expected a size like 600MiB or 1GiB');

export const sections = {
  database: z.strictObject({
    url: databasePlace
      .optional()
      .describe('a Postgres of your own, without a password; or the secret that holds the URL'),
    allowVolatile: z.boolean().optional().describe('accept a Postgres with fsync or the like off; for tests only'),
  }),
  temporal: z.strictObject({
    address: temporalAddress.optional().describe('a Temporal of your own, host:port'),
    namespace: name.optional().describe('its namespace'),
    profile: name.optional().describe("a profile of Temporal's configuration file"),
    configFile: name.optional().describe('that file; from the folder of this one'),
    taskQueue: name.optional().describe('the task queue of workers and of the commands that start syncs'),
  }),
  enrichment: z.strictObject({
    off: z.array(word).max(100).optional().describe('processors that do not run'),
    embeddings: z
      .strictObject({
        url: httpUrl.describe('an OpenAI-compatible endpoint'),
        model: name.describe('its model'),
        key: secretReference.optional().describe('where its key is read from'),
        dimensions: z.int().min(1).max(limits.embedDimensionsMax).optional(),
        fields: z.record(z.string(), z.array(name)).optional().describe('fields to embed by event type, * for all'),
      })
      .optional()
      .describe('nothing is embedded without it'),
  }),
  performance: z.strictObject({
    memory: memory.optional().describe("what one worker may take of the machine's memory, at least 320MiB"),
    recentHashes: z.int().min(0).max(recentHashesMax).optional().describe('hashes of events remembered in memory'),
  }),
  retention: z.strictObject({
    rawRetentionDays: z
      .int()
      .min(0)
      .max(rawRetentionDaysMax)
      .optional()
      .describe('days that raw pages are kept after their commit, where a source says nothing else'),
  }),
} as const;

/** The variable of each entry. */
export const variableOf = {
  'database.url': 'DATABASE_URL',
  'database.allowVolatile': 'TRIBUTARY_ALLOW_VOLATILE',
  'temporal.address': 'TEMPORAL_ADDRESS',
  'temporal.namespace': 'TEMPORAL_NAMESPACE',
  'temporal.profile': 'TEMPORAL_PROFILE',
  'temporal.configFile': 'TEMPORAL_CONFIG_FILE',
  'temporal.taskQueue': 'TRIBUTARY_TASK_QUEUE',
  'enrichment.off': 'TRIBUTARY_ENRICH_OFF',
  'enrichment.embeddings.url': 'TRIBUTARY_EMBED_URL',
  'enrichment.embeddings.model': 'TRIBUTARY_EMBED_MODEL',
  'enrichment.embeddings.key': 'TRIBUTARY_EMBED_KEY',
  'enrichment.embeddings.dimensions': 'TRIBUTARY_EMBED_DIMENSIONS',
  'enrichment.embeddings.fields': 'TRIBUTARY_EMBED_FIELDS',
  'performance.memory': 'TRIBUTARY_MEMORY',
  'performance.recentHashes': 'TRIBUTARY_RECENT_HASHES',
  'retention.rawRetentionDays': 'TRIBUTARY_RAW_RETENTION_DAYS',
} as const;

export type Field = keyof typeof variableOf;

/** A file that came with somebody's folder could send what is stored, or a password, to a server of theirs by these. */
export const connecting: readonly Field[] = [
  'database.url',
  'temporal.address',
  'temporal.profile',
  'temporal.configFile',
  'enrichment.embeddings.url',
];

/** What to say of names that are nothing here, and that somebody may well write. */
export const sectionHints: Readonly<Record<string, string>> = {
  notification: 'is not here yet, and nothing would be told; take it out',
  notifications: 'is not here yet, and nothing would be told; take it out',
  stream: 'is not here yet, and nothing would be streamed; take it out',
  home: 'is no setting of a file: the file is found beside the home; TRIBUTARY_HOME names another',
  extensions:
    'is no setting of a file: what is found in a folder makes no command run code; TRIBUTARY_EXTENSIONS names them',
  secrets: 'is nothing here: secrets are in TRIBUTARY_SECRETS_DIR, and named by env:TRIBUTARY_SECRET_NAME or file:NAME',
  '<<': 'is no key of YAML 1.2; an alias (*name) stands for a whole value',
};
