// How a command is declared: its words and options here, its work in a file that is loaded when it runs.
import type { Command as Commander, CommandOptions } from 'commander';
import type { Command } from './stack/stack-access.js';

/** Options every command has. */
export interface Shared {
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** Of those that work with tributary.yaml. */
export interface FileWords extends Shared {
  readonly file?: string;
  readonly profile?: string;
}

export type Act = (work: (command: Command) => Promise<number>) => Promise<void>;
export type Declare = (program: Commander, act: (shared: FileWords) => Act) => void;

/** A command that is made of others. */
export function groupOf(program: Commander, name: string, summary: string, example: string): Commander {
  return program.command(name).description(summary).addHelpText('after', exampleText(example));
}

export function declared(
  program: Commander,
  form: string,
  summary: string,
  example: string,
  how: CommandOptions = {},
): Commander {
  return program
    .command(form, how)
    .description(summary)
    .option('--json', 'print JSON lines and nothing else')
    .addHelpText('after', exampleText(example));
}

function exampleText(example: string): string {
  return `\nExample:\n  $ tributary ${example}`;
}
