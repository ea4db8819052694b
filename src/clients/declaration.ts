// How a command is declared: its words, its options, and an example; what it does is loaded when it runs.
import type { Command as Commander } from 'commander';
import type { Command } from './stack-access.js';

export interface Shared {
  readonly json?: boolean;
  readonly debug?: boolean;
}

export type Act = (work: (command: Command) => Promise<number>) => Promise<void>;

export type Declare = (program: Commander, act: (shared: Shared) => Act) => void;

export function declared(program: Commander, form: string, summary: string, example: string): Commander {
  return program
    .command(form)
    .description(summary)
    .option('--json', 'print JSON lines and nothing else')
    .addHelpText('after', `\nExample:\n  $ tributary ${example}`);
}
