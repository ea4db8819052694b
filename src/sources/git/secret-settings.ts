// Settings of git that hold a secret. In argv everybody would see them, in the environment whoever may read a process's
// (`ps e`), in the mirror's config they would stay: so git includes them from a file that has no name any more.
import { randomUUID } from 'node:crypto';
import { openSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/** `http.https://host/.extraHeader` and its value. */
export type Setting = readonly [name: string, value: string];

export interface GivenSettings {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** To be the process's descriptor 3, and closed here once it has started. */
  readonly descriptor: number | undefined;
}

/**
 * Of Linux alone, opening `/dev/fd/3` begins at the file's start each time, and git and its transports read it some times over.
 * Elsewhere the environment is what is left.
 */
export function givenSettings(settings: readonly Setting[], platform: string = process.platform): GivenSettings {
  if (settings.length === 0) return { args: [], environment: {}, descriptor: undefined };
  if (platform !== 'linux') return { args: [], environment: inEnvironment(settings), descriptor: undefined };
  return {
    args: ['-c', 'include.path=/dev/fd/3'],
    environment: {},
    descriptor: namelessFile(settings.map(configText).join('')),
  };
}

function inEnvironment(settings: readonly Setting[]): Record<string, string> {
  const pairs = settings.flatMap(([name, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, name],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return { GIT_CONFIG_COUNT: String(settings.length), ...Object.fromEntries(pairs) };
}

function configText([name, value]: Setting): string {
  const [first, last] = [name.indexOf('.'), name.lastIndexOf('.')];
  const part = first === last ? '' : ` ${quoted(name.slice(first + 1, last))}`;
  return `[${name.slice(0, first)}${part}]\n\t${name.slice(last + 1)} = ${quoted(value)}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll(/[\\"]/g, '\\$&')}"`;
}

/** Its name is gone before anything is written. */
function namelessFile(text: string): number {
  const path = join(tmpdir(), `tributary-${randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  writeSync(descriptor, text);
  return descriptor;
}
