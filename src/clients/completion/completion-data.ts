// What there is to complete, read from the declared commands, so that a new command or option is completed without more.
import type { Command as Commander, Option } from 'commander';
import { settingNames } from '../../domain/source-settings.js';
import type { Catalogue } from '../../domain/catalogue.js';
import { letterStates } from '../letters/letter-states.js';
import { logParts } from '../stack/log-files.js';

/** Ids that only a stack that runs can tell: `tributary completion <asked>` prints them. */
export const askable = ['sources', 'schedules', 'letters'] as const;
export type Asked = (typeof askable)[number];

/** What stands after an option, or as an argument: one of these words, of these ids, a file, or, with none of them, anything. */
export interface Expected {
  readonly words?: readonly string[];
  readonly asks?: readonly Asked[];
  readonly files?: boolean;
}

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

/** Names that are known without a stack. */
export interface KnownNames {
  readonly types: readonly string[];
  readonly catalogue: Catalogue;
  readonly stages: readonly string[];
}

/** The program and every command below it. */
export function completedCommands(
  program: Commander,
  names: KnownNames,
  path: readonly string[] = [],
): CompletedCommand[] {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== 'help');
  const itself = {
    path: path.join(' '),
    summary: program.summary() || program.description(),
    commands: commands.map((command) => ({ name: command.name(), summary: command.description() })),
    options: help.visibleOptions(program).map((option) => completedOption(option, names)),
    arguments: [program, ...usual(program)].flatMap(({ registeredArguments }) =>
      registeredArguments.map((argument) => expected(argument.name(), argument.argChoices, names)),
    ),
  };
  return [itself, ...commands.flatMap((command) => completedCommands(command, names, [...path, command.name()]))];
}

/** The command that is meant where none is named (`schedule acme/api`). Commander has no word to ask for it. */
function usual(group: Commander): Commander[] {
  const { _defaultCommandName: name } = group as unknown as { readonly _defaultCommandName?: string | null };
  return group.commands.filter((command) => command.name() === name);
}

function completedOption(option: Option, names: KnownNames): CompletedOption {
  const spelt = [option.long, option.short].filter((name) => name !== undefined && name !== null);
  const [, value] = /[<[]([^>\].]+)/.exec(option.flags) ?? [];
  const own = expected(option.name(), option.argChoices, names);
  return {
    names: spelt,
    summary: option.description,
    // By its own name (`--unset <key>`), or else by that of its value (`--after <key>`).
    value: value === undefined ? null : isAnything(own) ? expected(value, option.argChoices, names) : own,
  };
}

function isAnything({ words, asks, files }: Expected): boolean {
  return words === undefined && asks === undefined && files !== true;
}

/** By the name, which is the same in every command. */
function expected(name: string, choices: readonly string[] | undefined, names: KnownNames): Expected {
  if (choices !== undefined) return { words: choices };
  const known = byName(names)[name];
  if (known !== undefined) return known;
  return /path|file/.test(name) ? { files: true } : {};
}

function byName({ types, catalogue, stages }: KnownNames): Readonly<Record<string, Expected>> {
  return {
    source: { asks: ['sources'] },
    id: { asks: ['sources'] },
    'scheduled id': { asks: ['schedules'] },
    key: { asks: ['letters'] },
    keys: { asks: ['letters'] },
    'type or id': { words: types, asks: ['sources'], files: true },
    'place or ids': { asks: ['sources'], files: true },
    'source type': { words: types },
    type: { words: catalogue.types.map(({ type }) => type) },
    stage: { words: stages },
    state: { words: letterStates },
    part: { words: logParts },
    profile: { words: ['development'] },
    shell: { words: ['bash', 'zsh', 'fish'] },
    priority: { words: ['1', '2', '3', '4'] },
    'key=value': { words: settingNames.map((setting) => `${setting}=`) },
    unset: { words: settingNames },
  };
}
