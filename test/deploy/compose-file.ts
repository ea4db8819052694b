// docker-compose.yml as data: variables filled in as compose does it, and what several tests ask of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { packageRoot } from '../../src/package-root.js';

export interface Mount {
  readonly source: string | null;
  readonly target: string;
}

export interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly read_only?: boolean;
  readonly stop_grace_period?: string;
  readonly logging?: { readonly options?: Readonly<Record<string, string>> };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly networks: Readonly<Record<string, unknown>>;
}

export const composePath = join(packageRoot, 'docker-compose.yml');

/** As it stands, variables not filled in. */
export function composeFile(): ComposeFile {
  return parse(readFileSync(composePath, 'utf8'), { merge: true }) as ComposeFile;
}

/** Throws where a required variable has no value. */
export function filledIn(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_, name: string, how: string | undefined, rest = '') => {
    const value = variables[name] ?? '';
    if (value === '' && how === '?') throw new Error(`${name} ${rest}`);
    return value === '' ? rest : value;
  });
}

export function environmentOf(service: Service, variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, filledIn(value, variables)]),
  );
}

/** `source:target[:ro]`; a target alone is a volume without a name. */
export function mountsOf(service: Service): Mount[] {
  return (service.volumes ?? []).map((volume) => {
    const [first, second] = volume.split(':');
    return second === undefined ? { source: null, target: first! } : { source: first!, target: second };
  });
}

/** The file of the project that a service sees at this path. */
export function mountedFile(service: Service, target: string): string {
  const found = mountsOf(service).find((mount) => mount.target === target)?.source;
  if (found === undefined || found === null) throw new Error(`nothing is mounted at ${target}`);
  return join(packageRoot, found);
}

export function tagOf(image: string): string {
  return image.split(':')[1] ?? '';
}

export function isJob(service: Service): boolean {
  return service.restart?.startsWith('on-failure') ?? false;
}
