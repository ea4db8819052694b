// tributary.yaml as text: YAML 1.2 (`no` is a text, `012` is twelve), with nothing in it that is not plain data, and with the
// place of everything, so that whoever finds something wrong says where. The package `yaml` is loaded where there is a file:
// it costs every command 20 ms.
import { createRequire } from 'node:module';
import type * as Library from 'yaml';
import type { Alias, CST, Document, LineCounter, Node, Pair, YAMLMap, YAMLSeq } from 'yaml';
import { InvalidInput } from '../domain/errors.js';
import { limits } from '../limits.js';

const load = createRequire(import.meta.url);

export interface Place {
  readonly line: number;
  readonly column: number;
}

export type Path = readonly PropertyKey[];

export interface YamlText {
  /** Maps are objects; what stands under `__proto__` is a property of that name. Null: the text is empty. */
  readonly value: unknown;
  /** Of the value at the path, or of its name there; of the nearest above it where there is none. */
  readonly place: (path: Path, of?: 'name' | 'value') => Place;
  readonly has: (path: Path) => boolean;
}

/** Throws InvalidInput that names file, line and column. */
export function readYaml(text: string, file: string): YamlText {
  const yaml = load('yaml') as Yaml;
  const lines = new yaml.LineCounter();
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (offset: number, message: string): never => {
    throw new InvalidInput(placeText(file, at(offset)), message);
  };
  const document = documentOf(yaml, [...tokensOf(yaml, text, lines, refuse)], text.length, refuse);
  yaml.visit(document, { Map: (_, map) => checkNames(yaml, map, refuse) });
  const value = valueOf(document, refuse);
  return {
    value,
    place: (path, of = 'value') => at(offsetAt(yaml, document, path, of)),
    has: (path) => nodeAt(yaml, document, path).depth === path.length,
  };
}

/** `tributary.yaml:12:5` */
export function placeText(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

type Refuse = (offset: number, message: string) => never;
type Yaml = typeof Library;

/** Nobody's settings go so deep. What composes them goes down by calls, and with the stack full V8 ends the process. */
const depthMax = 100;

/** Before anything is made of them. */
function* tokensOf({ Lexer, Parser }: Yaml, text: string, lines: LineCounter, refuse: Refuse): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > depthMax) refuse(parser.offset, `is nested deeper than ${depthMax} levels`);
  }
  yield* parser.end();
}

function documentOf({ Composer }: Yaml, tokens: readonly CST.Token[], end: number, refuse: Refuse): Document {
  // Strictly 1.2: no merge keys, no tags but those that every text has, no type of our own. Names are compared below: the
  // library compares each with each, which for a file of names takes minutes.
  const options = { version: '1.2', schema: 'core', merge: false, uniqueKeys: false, resolveKnownTags: false } as const;
  const [document, second] = [...new Composer(options).compose(tokens, true, end)];
  if (second !== undefined) refuse(second.range[0], 'a second document begins here; expected one in a file');
  const [problem] = [...document!.errors, ...document!.warnings];
  if (problem !== undefined) refuse(problem.pos[0], wordsOf(problem));
  const { explicit, version } = document!.directives.yaml;
  // Under 1.1, `no` would be false and `1:30` ninety.
  if (explicit === true && version !== '1.2') refuse(0, `found YAML ${version}, expected 1.2: leave the line out`);
  return document!;
}

/** Names are texts: `1.10:` would be another id than it looks. */
function checkNames(yaml: Yaml, { items }: YAMLMap, refuse: Refuse): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    if (!yaml.isScalar(key) || typeof key.value !== 'string')
      return refuse(offsetOf(key), 'a name here has to be a text; put it in quotes');
    if (seen.has(key.value)) refuse(offsetOf(key), 'the same name is there twice; expected it once');
    seen.add(key.value);
  }
}

/** By code; the library's own words, in one line, where it says what no word of ours would say better. */
function wordsOf({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === 'TAG_RESOLVE_FAILED') return 'a tag (!…) is not allowed here; expected plain YAML';
  return `is no YAML: ${message.split('\n')[0]}`;
}

function valueOf(document: Document, refuse: Refuse): unknown {
  try {
    return document.toJS({ maxAliasCount: limits.configFileAliasesMax }) as unknown;
  } catch (error) {
    if (error instanceof ReferenceError)
      return refuse(
        0,
        `has more than ${limits.configFileAliasesMax} aliases (*name), or one of a name that is not there`,
      );
    throw error;
  }
}

function offsetOf(node: unknown): number {
  return (node as Node | null)?.range?.[0] ?? 0;
}

interface Found {
  readonly node: unknown;
  /** Where the value's name stands; undefined for an element of a list. */
  readonly name: unknown;
  /** So many steps of the path lead to it. */
  readonly depth: number;
}

function nodeAt(yaml: Yaml, document: Document, path: Path): Found {
  let found: Found = { node: document.contents, name: undefined, depth: 0 };
  for (const step of path) {
    const within = yaml.isAlias(found.node) ? (found.node as Alias).resolve(document) : found.node;
    const next = yaml.isMap(within) ? ofMap(within, step) : yaml.isSeq(within) ? ofList(within, step) : undefined;
    if (next === undefined) return found;
    found = { ...next, depth: found.depth + 1 };
  }
  return found;
}

function ofMap({ items }: YAMLMap, step: PropertyKey): Omit<Found, 'depth'> | undefined {
  const pair = items.find(({ key }: Pair) => (key as { value?: unknown }).value === String(step));
  return pair === undefined ? undefined : { node: pair.value, name: pair.key };
}

function ofList({ items }: YAMLSeq, step: PropertyKey): Omit<Found, 'depth'> | undefined {
  const item = items[Number(step)];
  return item === undefined ? undefined : { node: item, name: undefined };
}

/** What is missing is told where it would stand: at the name of what lacks it. */
function offsetAt(yaml: Yaml, document: Document, path: Path, of: 'name' | 'value'): number {
  const { node, name, depth } = nodeAt(yaml, document, path);
  const byName = name !== undefined && (of === 'name' || depth < path.length || node === null);
  return offsetOf(byName ? name : node);
}
