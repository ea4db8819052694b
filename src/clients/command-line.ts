// The command line itself: its name, its version, how it writes help and refuses what it does not know.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command as Commander } from 'commander';
import { packageRoot } from '../package-root.js';
import { oneLine } from './failure-report.js';
import { pasteable } from './terminal/own-command.js';
import { helpCells, helpForm, wrappedHelp } from './terminal/help-form.js';

/** Commander prints the whole help for a command it does not know. */
export function refuseUnknownHelp(program: Commander, [first, name]: readonly string[]): void {
  if (first !== 'help' || name === undefined || name.startsWith('-')) return;
  const names = ['help', ...program.commands.map((command) => command.name())];
  if (!names.includes(name)) program.error(`error: unknown command '${name}'; \`tributary help\` lists them`);
}

export function newProgram(): Commander {
  const { version, description } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    version: string;
    description: string;
  };
  return new Commander('tributary')
    .description(description)
    .version(version, '-V, --version', 'versions of Tributary, Node and the Temporal CLI')
    .option('--debug', 'show where an error comes from')
    .exitOverride()
    .configureHelp(helpForm)
    .configureOutput({
      getOutHelpWidth: helpCells,
      writeOut: (text) => {
        const told = pasteable(text);
        process.stdout.write(process.stdout.isTTY ? wrappedHelp(told, helpCells()) : told);
      },
      outputError: (text, write) => write(`${oneLine(text)}\n`),
    })
    .addHelpText(
      'after',
      '\nExample:\n  $ tributary sync git .\n\nExit codes: 0 fine, 1 failed, 2 wrong use, 3 needs attention, 130 Ctrl-C.',
    );
}
