// tributary.yaml, read: with a profile laid over it where one is chosen, and the sections that say something of the processes
// themselves. What it says of sources is for `tributary config` alone (src/clients/config).
import { dirname, join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidInput } from '../domain/errors.js';
import { isSecret } from '../domain/secret-reference.js';
import { limits } from '../limits.js';
import { configText, placeOfConfig, type ConfigPlace } from './config-place.js';
import { checkedPart, refusal, type Placed } from './problems.js';
import { connecting, isReference, sectionHints, sections, variableOf, type Field } from './sections.js';
import { placeText, readYaml, type Path } from './yaml-text.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A setting that the file says. */
export interface FileSetting {
  readonly variable: string;
  /** `performance.memory` */
  readonly field: Field;
  /** `/srv/events/tributary.yaml:12:5` */
  readonly at: string;
}

/** A tributary.yaml that is in force. */
export interface ConfigFile extends ConfigPlace {
  readonly profile: string | null;
  readonly settings: readonly FileSetting[];
}

export interface ReadConfigFile {
  readonly file: ConfigFile;
  /** As environment variables would say it; secrets are read. */
  readonly variables: Environment;
}

export interface Around {
  readonly environment: Environment;
  readonly directory: string;
  readonly home: string;
  readonly secretsDirectory: string;
}

/** Undefined where there is none. Throws InvalidInput that names file, line, column and field. */
export function readConfigFile({ environment, directory, home, secretsDirectory }: Around): ReadConfigFile | undefined {
  const place = placeOfConfig(environment, directory);
  const profile = environment['TRIBUTARY_PROFILE'] || null;
  if (place === undefined) {
    if (profile === null) return undefined;
    throw new InvalidInput(
      'TRIBUTARY_PROFILE',
      `is ${JSON.stringify(profile)}, and there is no tributary.yaml that has it`,
    );
  }
  const placed = placedFile(place, profile);
  const said = saidIn(checkedPart(topLevel, placed, [], sectionHints));
  if (place.why === 'found' && dirname(home) !== dirname(place.path)) refuseConnecting(placed, said, place.path);
  const settings = said.map(([field]) => ({
    variable: variableOf[field],
    field,
    at: placeText(place.path, placed.place(field.split('.'), 'name')),
  }));
  const given = said.map(([field, value]) => {
    const text = variableText(field, value, { place, placed, environment, secretsDirectory });
    return [variableOf[field], text] as const;
  });
  return { file: { ...place, profile, settings }, variables: Object.fromEntries(given) };
}

/** All of it, with the profile laid over. Whether the sections are right is not checked. */
export function placedFile(place: ConfigPlace, profile: string | null): Placed {
  const { value, place: placeOf, has } = readYaml(configText(place), place.path);
  const file = place.path;
  if (!isMap(value))
    throw new InvalidInput(
      placeText(file, { line: 1, column: 1 }),
      value === null ? 'says nothing; expected sections like sources:' : 'expected a map of sections like sources:',
    );
  const { profiles = {}, ...base } = value;
  if (profile === null) return { file, value: base, place: placeOf };
  const over = isMap(profiles) && Object.hasOwn(profiles, profile) ? profiles[profile] : undefined;
  if (!isMap(over)) {
    const named = isMap(profiles) ? Object.keys(profiles).join(', ') : '';
    throw refusal({ file, place: placeOf }, [
      {
        path: ['profiles'],
        message: `has no ${JSON.stringify(profile)}, which is asked for; there ${named === '' ? 'is none' : `are ${named}`}`,
      },
    ]);
  }
  const own: Path = ['profiles', profile];
  return {
    file,
    value: laidOver(base, over),
    place: (path, of) => (has([...own, ...path]) ? placeOf([...own, ...path], of) : placeOf(path, of)),
  };
}

type Map = Readonly<Record<string, unknown>>;

function isMap(value: unknown): value is Map {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Map by map; anything else replaces what is there, and null takes it away. */
function laidOver(base: Map, over: Map): Map {
  const merged = new Map<string, unknown>(Object.entries(base));
  for (const [name, value] of Object.entries(over)) {
    const before = merged.get(name);
    if (value === null) merged.delete(name);
    else merged.set(name, isMap(value) ? laidOver(isMap(before) ? before : {}, value) : value);
  }
  return Object.fromEntries(merged);
}

const anything = z.unknown().optional();

/** Profiles are the same again, each checked when it is chosen. */
const topLevel = z.strictObject({
  ...Object.fromEntries(Object.entries(sections).map(([name, schema]) => [name, schema.optional()])),
  sources: anything,
  profiles: anything,
});

/** In the order of the table. */
function saidIn(value: Map): [Field, unknown][] {
  const fields = Object.keys(variableOf) as Field[];
  return fields.flatMap((field): [Field, unknown][] => {
    const found = field.split('.').reduce<unknown>((within, step) => (isMap(within) ? within[step] : undefined), value);
    return found === undefined ? [] : [[field, found]];
  });
}

function refuseConnecting(placed: Placed, said: readonly (readonly [Field, unknown])[], path: string): void {
  const [field] = said.find(([one]) => connecting.includes(one)) ?? [];
  if (field === undefined) return;
  throw refusal(placed, [
    {
      path: field.split('.'),
      message: `names a server, and the file was found in a folder without a home of Tributary, so anybody may have put it there; if you mean it, \`mkdir ${join(dirname(path), '.tributary')}\`, or name the file by TRIBUTARY_CONFIG or --file`,
      of: 'name',
    },
  ]);
}

interface Reading {
  readonly place: ConfigPlace;
  readonly placed: Placed;
  readonly environment: Environment;
  readonly secretsDirectory: string;
}

function variableText(field: Field, value: unknown, reading: Reading): string {
  const text = String(value);
  switch (field) {
    case 'database.url':
      return isReference(text) && reading.environment['DATABASE_URL'] === undefined
        ? secretText(field, text, reading)
        : text;
    case 'enrichment.embeddings.key':
      return text.startsWith('file:') ? `file:${join(reading.secretsDirectory, text.slice('file:'.length))}` : text;
    case 'temporal.configFile':
      return resolve(dirname(reading.place.path), text);
    case 'database.allowVolatile':
      return value === true ? '1' : '0';
    case 'enrichment.off':
      return (value as readonly string[]).join(',');
    default:
      return typeof value === 'object' ? JSON.stringify(value) : text;
  }
}

/** Checked by its reference's schema before. Throws InvalidInput that names the reference. */
function secretText(field: Field, reference: string, { placed, environment, secretsDirectory }: Reading): string {
  const name = reference.slice(reference.indexOf(':') + 1);
  const text = (reference.startsWith('env:') ? environment[name] : fileText(join(secretsDirectory, name)))?.trim();
  if (text !== undefined && isSecret(text)) return text;
  const where = reference.startsWith('env:') ? '' : ` (${join(secretsDirectory, name)})`;
  throw refusal(placed, [
    { path: field.split('.'), message: `${reference}${where} has no URL of one word of plain characters` },
  ]);
}

function fileText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').slice(0, limits.secretBytesMax);
  } catch {
    return undefined;
  }
}
