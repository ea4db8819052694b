// tributary types: the source types there are here, what each takes and gives; and whether one of your own keeps the contract.
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import type { Source } from '../../domain/source.js';
import { thrownText } from '../../domain/thrown.js';
import { extensionPaths } from '../../extension-paths.js';
import { installed } from '../../extensions/installed.js';
import { loadModules } from '../../extensions/module.js';
import { exitCodes } from '../failure-report.js';
import { givenOptions } from '../sync/source-input.js';
import type { Command } from '../stack/stack-access.js';
import { amount } from '../terminal/figures.js';
import { sentenceLines } from '../terminal/text-width.js';
import type { Terminal } from '../terminal/terminal.js';
import { eventTypeLines, optionLines, typeItem, typesLines } from '../sources/type-lines.js';

export async function typesCommand({ config, terminal }: Command, type: string | undefined): Promise<number> {
  const { registry } = await installed(config);
  const shown = type === undefined ? registry.types : [registry.get(type).type];
  for (const name of shown) terminal.item(typeItem(registry.get(name)));
  if (type === undefined) for (const line of typesLines(registry, terminal.columns)) terminal.say(line);
  else tellType(registry.get(type), terminal);
  return exitCodes.fine;
}

function tellType(source: Source, terminal: Terminal): void {
  const { style, columns } = terminal;
  const [first = '', ...rest] = sentenceLines(`${source.type}: ${source.summary}`, columns);
  for (const line of [first.replace(source.type, style.bold(source.type)), ...rest]) terminal.say(line);
  for (const line of ['', ...optionLines(source, columns), '', ...eventTypeLines(source, columns)]) terminal.say(line);
}

export interface TestWords {
  readonly module: string;
  readonly argument: string | undefined;
  /** Words after --set. */
  readonly set: readonly string[];
  /** Of the module's sources, this one. */
  readonly type: string | undefined;
}

/** Nothing is stored, and no stack is needed. */
export async function testTypeCommand({ config, terminal }: Command, words: TestWords): Promise<number> {
  const source = await sourceOf(words, config.home);
  const options = givenOptions(source, { argument: words.argument, set: words.set });
  parseInput(source.options, options);
  const { sourceChecks } = await import('../../testing/index.js');
  let failed = 0;
  for (const { name, run } of sourceChecks(() => ({ source, options }))) {
    const error = await run().then(() => null, problemText);
    if (error !== null) failed += 1;
    terminal.item({ source: source.type, check: name, ok: error === null, error });
    terminal.say(
      error === null
        ? `${terminal.style.green('ok    ')}  ${name}`
        : `${terminal.style.red('not ok')}  ${name}: ${error}`,
    );
  }
  terminal.say(
    failed === 0
      ? `\n${source.type} keeps the contract of a source`
      : `\n${source.type} does not keep the contract of a source in ${amount(failed, 'way')}`,
  );
  return failed === 0 ? exitCodes.fine : exitCodes.failed;
}

/** An assertion's first line says what does not hold, the others show how. */
function problemText(error: unknown): string {
  return thrownText(error)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(0, 6)
    .join(' ')
    .slice(0, 400);
}

async function sourceOf({ module, type }: TestWords, home: string): Promise<Source> {
  const [path = module] = extensionPaths(JSON.stringify([module]), process.cwd(), home);
  const [{ sources } = { sources: [] }] = await loadModules([path]);
  const [source, ...others] = type === undefined ? sources : sources.filter((one) => one.type === type);
  const types = sources.map((one) => one.type).join(', ');
  if (source === undefined)
    throw new InvalidInput(
      'module',
      sources.length === 0
        ? `${path} exports no sources, expected export const sources = [defineSource({ … })]`
        : `${path} has no source of type ${type}, expected one of ${types}`,
    );
  if (others.length > 0) throw new InvalidInput('type', `${path} has several sources; say which with --type: ${types}`);
  return source;
}
