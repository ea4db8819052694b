// The text of the hook: sh/hook.sh with what is fixed when it is installed. Nothing in it is a secret.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { extensionList } from '../../extension-paths.js';
import { limits } from '../../limits.js';
import { builtFile } from '../../local/built.js';
import { packageRoot } from '../../package-root.js';

/**
 * Every hook that git runs after a commit came to be here: made or picked, merged or pulled, amended or rebased, applied
 * from a mail. A rebase runs several of them; they share one mark.
 */
export const hookNames = ['post-commit', 'post-merge', 'post-rewrite', 'post-applypatch'] as const;
export type HookName = (typeof hookNames)[number];

/** What was there before, run first. A suffix and not a folder: hooks find their neighbours by their own directory. */
export const keptSuffix = '.before-tributary';

export interface HookOrder {
  /** Id of the source that reads the repository. */
  readonly source: string;
  /** Start a stack that does not run. */
  readonly start: boolean;
}

export function hookScript(name: HookName, order: HookOrder, config: Config): string {
  const values: Record<string, string> = {
    hook: name,
    settings: settingsOf(order, config)
      .map((line) => `  ${line}`)
      .join('\n'),
    staleMinutes: String(limits.hookLockMinutes),
    logBytesMax: String(limits.hookLogBytesMax),
  };
  const template = readFileSync(join(packageRoot, 'sh', 'hook.sh'), 'utf8');
  return marked(template.replaceAll(/@(\w+)@/g, (found, key: string) => values[key] ?? found));
}

const marker = /^(#!\/bin\/sh\n# tributary-hook (\d{1,6}) )(\S+)(\n.*)$/s;

/** With the digest of what follows in its marker line, so that lines somebody added to it are never taken for ours. */
export function marked(text: string): string {
  return text.replace(
    marker,
    (_, head: string, _version: string, _digest: string, rest: string) => head + digestOf(rest) + rest,
  );
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function settingsOf({ source, start }: HookOrder, config: Config): string[] {
  const { home } = config;
  const own = {
    source,
    // '+' is in no id, so two ids never share a directory.
    state: join(home, 'hooks', source.replaceAll('/', '+')),
    log: hookLog(home),
    node: process.execPath,
    program: builtFile('clients/hook/nudge.js'),
    start: start ? '--start' : '',
    elsewhere: config.temporalConfigured ? 'yes' : '',
  };
  const exported = { ...environmentOf(config), ...(start ? startEnvironmentOf(config) : {}) };
  const given = Object.entries(exported).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return [
    ...given.map(([name, value]) => `export ${name}=${quoted(String(value))}`),
    ...Object.entries(own).map(([name, value]) => `${name}=${quoted(value)}`),
  ];
}

/** What the hook needs to find the same Temporal. An API key is not among it: that is for a profile to hold. */
function environmentOf({
  home,
  taskQueue,
  temporalAddress,
  temporalNamespace,
  temporalProfile,
  temporalConfigFile,
}: Config) {
  return {
    TRIBUTARY_HOME: home,
    TRIBUTARY_TASK_QUEUE: taskQueue,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace,
    TEMPORAL_PROFILE: temporalProfile,
    TEMPORAL_CONFIG_FILE: temporalConfigFile,
  };
}

/** What a stack started by the hook needs to be the one that would be started here. */
function startEnvironmentOf(config: Config) {
  const { temporalCli, extensions, extensionsEnv, secretsDirectory, rawRetentionDays, recentHashesMax } = config;
  return {
    TRIBUTARY_TEMPORAL_CLI: temporalCli,
    TRIBUTARY_EXTENSIONS: extensionList(extensions),
    TRIBUTARY_EXTENSIONS_ENV: extensionsEnv.length === 0 ? undefined : extensionsEnv.join(','),
    TRIBUTARY_SECRETS_DIR: secretsDirectory,
    TRIBUTARY_RAW_RETENTION_DAYS: rawRetentionDays,
    TRIBUTARY_RECENT_HASHES: recentHashesMax,
  };
}

export function hookLog(home: string): string {
  return join(home, 'hook.log');
}

/** Inside single quotes sh reads nothing but their end. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

export interface InstalledHook {
  readonly version: number;
  readonly source: string | null;
  readonly home: string | null;
  /** Somebody edited it. */
  readonly changed: boolean;
}

/** What a hook of ours was made with; null for anybody else's. */
export function parseHook(text: string): InstalledHook | null {
  const [, , version, digest, rest] = marker.exec(text) ?? [];
  if (version === undefined || rest === undefined) return null;
  return {
    version: Number(version),
    source: valueOf(rest, 'source'),
    home: valueOf(rest, 'export TRIBUTARY_HOME'),
    changed: digest !== digestOf(rest),
  };
}

function valueOf(text: string, name: string): string | null {
  const [, value] = new RegExp(String.raw`^  ${name}='((?:[^']|'\\'')*)'$`, 'm').exec(text) ?? [];
  return value?.replaceAll(String.raw`'\''`, "'") ?? null;
}
