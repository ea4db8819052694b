// What there is to complete, read from the declared commands, so that a new command or option is completed without more.
import type { Argument, Command as Commander, Option } from 'commander';
import { settingNames } from '../../domain/source-settings.js';
import type { SourceRegistry } from '../../sources/index.js';

/** What stands after an option, or as an argument: one of these words, a source's id, a file, or anything. */
export type Expected = { readonly words: readonly string[] } | 'source' | 'file' | 'anything';

export interface CompletedOption {
  /** `--type`, and the short form if there is one. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Null for an option without a value. */
  readonly value: Expected | null;
}

export interface CompletedCommand {
  /** Words from the program on: empty for the program itself, `dead-letters list` for a command of a command. */
  readonly path: string;
  readonly summary: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly options: readonly CompletedOption[];
  readonly arguments: readonly Expected[];
}

/** The program and every command below it. */
export function completedCommands(
  program: Commander,
  registry: SourceRegistry,
  path: readonly string[] = [],
): CompletedCommand[] {
  const commands = program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help');
  const itself = {
    path: path.join(' '),
    summary: program.summary() || program.description(),
    commands: commands.map((command) => ({ name: command.name(), summary: command.description() })),
    options: program
      .createHelp()
      .visibleOptions(program)
      .map((option) => completedOption(option, registry)),
    arguments: program.registeredArguments.map((argument) => expectedArgument(argument, registry)),
  };
  return [itself, ...commands.flatMap((command) => completedCommands(command, registry, [...path, command.name()]))];
}

function completedOption(option: Option, registry: SourceRegistry): CompletedOption {
  const names = [option.long, option.short].filter((name) => name !== undefined && name !== null);
  const takesValue = option.required || option.optional;
  return {
    names,
    summary: option.description,
    value: takesValue ? expected(option.name(), option.argChoices, registry) : null,
  };
}

function expectedArgument(argument: Argument, registry: SourceRegistry): Expected {
  return expected(argument.name(), argument.argChoices, registry);
}

/** By the name, which is the same in every command. */
function expected(
  name: string,
  choices: readonly string[] | undefined,
  { types, catalogue }: SourceRegistry,
): Expected {
  if (choices !== undefined) return { words: choices };
  if (/^(source|id)$/.test(name)) return 'source';
  if (name === 'shell') return { words: ['bash', 'zsh', 'fish'] };
  if (name === 'priority') return { words: ['1', '2', '3', '4'] };
  if (name === 'key=value') return { words: settingNames.map((setting) => `${setting}=`) };
  if (name === 'unset') return { words: settingNames };
  if (name === 'type or id' || name === 'source type') return { words: types };
  if (name === 'type') return { words: catalogue.types.map(({ type }) => type) };
  return /path|file/.test(name) ? 'file' : 'anything';
}
