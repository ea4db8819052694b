// What a person typed after `tributary sync`, as the one argument of the workflow. Checked here with the source's own
// schema, so that a wrong option is refused before anything is started.
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { withoutUnset } from '../../domain/source-revision.js';
import type { Source } from '../../domain/source.js';
import { parseSyncInput, type SyncInput } from '../../domain/sync-input.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { SourceRow } from '../../store/sources.js';

export interface SyncWords {
  readonly type: string;
  readonly argument: string | undefined;
  readonly id: string | undefined;
  /** Words after --set. */
  readonly set: readonly string[];
}

export interface SyncOrder {
  readonly id: string;
  readonly type: string;
  readonly origin: string;
  readonly input: SyncInput;
}

/** How a source is to be read; its options say what is read. */
export type SyncMode = Pick<SyncInput, 'mode' | 'pollIntervalMs' | 'acceptDeletions'>;

/** Throws InvalidInput that names the field. */
export function syncOrder(registry: SourceRegistry, words: SyncWords, mode: SyncMode = {}): SyncOrder {
  const { type, id } = words;
  if (!registry.types.includes(type)) {
    throw new InvalidInput(
      'source.type',
      `found ${JSON.stringify(type)}, expected one of ${registry.types.join(', ')}; the id of a known source stands alone, without path or --id`,
    );
  }
  return orderOf(registry, { type, id, options: givenOptions(registry.get(type), words) }, mode);
}

/** A source as a program names it; `options` are given, not parsed. */
export interface NamedSource {
  readonly type: string;
  /** Made from the options when it is not given. */
  readonly id?: string | undefined;
  readonly options?: Readonly<Record<string, unknown>> | undefined;
}

/** Throws InvalidInput that names the field. */
export function orderOf(registry: SourceRegistry, named: NamedSource, settings: object): SyncOrder {
  const { type, options: given = {} } = named;
  const source = registry.get(type);
  const options = parseInput(source.options, withoutUnset(given, source.options, ''));
  const id = parseInput(sourceIdSchema, named.id ?? source.defaultId(options), 'id');
  const input = parseSyncInput({ source: { type, id, options: given }, ...settings });
  return { id, type, origin: source.origin(options), input };
}

/** As they were typed; the source's own schema has not seen them. */
export function givenOptions(source: Source, words: Pick<SyncWords, 'argument' | 'set'>): Record<string, unknown> {
  const { settings, rest } = splitWords(words.set);
  return withArgument(source, settings, argumentOf(words.argument, rest));
}

/** One word that is no type is the id of a source that is known already; undefined when it is a type. */
export function knownId(registry: SourceRegistry, { type, argument, id }: SyncWords): string | undefined {
  const alone = argument === undefined && id === undefined;
  return alone && !registry.types.includes(type) && sourceIdSchema.safeParse(type).success ? type : undefined;
}

/** `set`: words after --set, as changes of what the source has. */
export function knownOrder(
  { id, type, origin }: SourceRow,
  mode: SyncMode = {},
  set: readonly string[] = [],
): SyncOrder {
  const { settings, rest } = splitWords(set);
  if (rest.length > 0) throw new InvalidInput('set', `found ${JSON.stringify(rest[0])}, expected key=value`);
  const options = Object.keys(settings).length === 0 ? {} : { options: settings };
  return { id, type, origin, input: parseSyncInput({ sourceId: id, ...options, ...mode }) };
}

/** A key without a value goes back to its default. Everything that is no key=value is what people meant as the path. */
export function splitWords(words: readonly string[]): { settings: Record<string, unknown>; rest: string[] } {
  const settings = new Map<string, unknown>();
  const rest: string[] = [];
  for (const word of words) {
    const [, key, value] = /^([A-Za-z_][A-Za-z0-9_.-]*)=(.*)$/s.exec(word) ?? [];
    if (key === undefined || value === undefined) rest.push(word);
    else if (settings.has(key)) throw new InvalidInput(key, 'is set twice; expected one --set of it');
    else settings.set(key, valueOf(value));
  }
  return { settings: Object.fromEntries(settings), rest };
}

function argumentOf(argument: string | undefined, rest: readonly string[]): string | undefined {
  const [first, ...others] = argument === undefined ? rest : [argument, ...rest];
  if (others.length > 0) throw new InvalidInput('set', `found ${JSON.stringify(others[0])}, expected key=value`);
  return first;
}

/** JSON where it is JSON (numbers, true, lists), else the text as it is; nothing at all is null. */
function valueOf(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function withArgument(
  source: Source,
  settings: Record<string, unknown>,
  argument: string | undefined,
): Record<string, unknown> {
  if (argument === undefined) return settings;
  const name = source.argument;
  if (name === undefined) {
    throw new InvalidInput(
      'argument',
      `a ${source.type} source has no url or path, found ${JSON.stringify(argument)}; its options are set with --set key=value`,
    );
  }
  if (Object.hasOwn(settings, name))
    throw new InvalidInput(name, `is given twice, as ${name} and by --set; expected one of them`);
  const given = absolute(argument);
  // `-` is standard input.
  return { ...settings, [name]: source.argumentIsPath === true && given !== '-' ? resolve(given) : given };
}

/** The worker has another working directory. What is no path (a url, user@host:path) stays as it is. */
export function absolute(argument: string): string {
  if (argument === '~' || argument.startsWith('~/')) return resolve(homedir(), argument.slice(2));
  return argument.startsWith('.') || (!argument.startsWith('-') && existsSync(argument)) ? resolve(argument) : argument;
}
