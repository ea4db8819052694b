// The commands for what did not get through: dead letters and deferred events.
import type { Command as Commander } from 'commander';
import { declared, groupOf, type Act, type Declare, type Shared } from './declaration.js';

export const deadLetters: Declare = (program, act) => {
  const letters = groupOf(
    program,
    'dead-letters',
    'what no retry could store: look at it, bring it back, or put it aside',
    'dead-letters list acme/api',
  );
  list(letters, act);
  show(letters, act);
  redrive(letters, act);
  discard(letters, act);
};

type Options = Shared & Record<string, string | undefined>;

function list(letters: Commander, act: (shared: Shared) => Act): void {
  declared(
    letters,
    'list',
    'dead letters by their keys, source by source',
    'dead-letters list acme/api --stage validate --limit 50',
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--stage <stage>', 'that died in this stage')
    .option('--code <code>', 'that died of this')
    .option('--state <state>', 'open, redriven, discarded or all', 'open')
    .option('--limit <count>', 'at most this many', '20')
    .option('--after <key>', 'those after this one')
    .action((source: string | undefined, options: Options) =>
      act(options)(async (command) =>
        (await import('./commands/dead-letters.js')).listCommand(command, source, options),
      ),
    );
}

function show(letters: Commander, act: (shared: Shared) => Act): void {
  declared(letters, 'show', 'everything that is kept of one', 'dead-letters show acme/api@3.7.12')
    .argument('<key>', 'as `list` prints it: source@epoch.page.ordinal')
    .option('--raw', 'write its bytes to standard output, as they came')
    .action((key: string, options: Shared & { raw?: boolean }) =>
      act(options)(async (command) =>
        (await import('./commands/dead-letters.js')).showCommand(command, key, options.raw === true),
      ),
    );
}

function choosing(command: Commander): Commander {
  return command
    .argument('[keys...]', 'as `list` prints them')
    .option('--source <id>', 'all open ones of this source')
    .option('--stage <stage>', 'of those, that died in this stage')
    .option('--code <code>', 'of those, that died of this')
    .option('--all', 'all open ones of all sources; with --yes')
    .option('--yes', 'yes, all');
}

function redrive(letters: Commander, act: (shared: Shared) => Act): void {
  choosing(
    declared(
      letters,
      'redrive',
      'bring them back into the stage that refused them, once, and run the sync of their source',
      'dead-letters redrive --source acme/api --code mapper_failed',
    ),
  )
    .option('--reason <text>', 'why, for who looks later')
    .option('--no-sync', 'start nothing: they come back with the next sync')
    .action((keys: string[], options: Options & { all?: boolean; yes?: boolean; sync: boolean }) =>
      act(options)(async (command) =>
        (await import('./commands/redrive.js')).redriveCommand(command, { ...options, keys }, options.sync),
      ),
    );
}

function discard(letters: Commander, act: (shared: Shared) => Act): void {
  choosing(
    declared(
      letters,
      'discard',
      'put them aside, with your name and the reason; they are kept',
      "dead-letters discard acme/api@3.7.12 --reason 'a test of ours'",
    ),
  )
    .requiredOption('--reason <text>', 'why, for who looks later')
    .action((keys: string[], options: Options & { all?: boolean; yes?: boolean }) =>
      act(options)(async (command) =>
        (await import('./commands/discard.js')).discardCommand(command, { ...options, keys }),
      ),
    );
}

export const deferred: Declare = (program, act) => {
  const waiting = groupOf(program, 'deferred', 'what waits to come back by itself', 'deferred list acme/api');
  declared(
    waiting,
    'list',
    'deferred events and redriven dead letters, with when they are due and why they wait',
    'deferred list acme/api',
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--limit <count>', 'at most this many', '20')
    .option('--after <key>', 'those after this one')
    .action((source: string | undefined, options: Options) =>
      act(options)(async (command) =>
        (await import('./commands/deferred.js')).deferredCommand(command, source, options),
      ),
    );
};
