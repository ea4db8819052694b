// The commands about sources: which there are, how each is set, and an end of it.
import { declared, groupOf, type Declare, type Shared } from './declaration.js';
import type { RemovalWords } from './commands/sources-remove.js';

export const sources: Declare = (program, act) => {
  const group = groupOf(
    program,
    'sources',
    'the sources there are, and how each is read: list, show, set, remove',
    'sources list',
  );
  declared(
    group,
    'list',
    'every source, with what it does and how much of it is stored; also removed ones whose events are kept',
    'sources list',
  ).action((options: Shared) =>
    act(options)(async (command) => (await import('./commands/sources.js')).listCommand(command)),
  );
  declared(
    group,
    'show',
    'options and settings with where each comes from, schedule, follower, position, counts',
    'sources show acme/api',
  )
    .argument('<id>', 'id of the source')
    .action((id: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/sources.js')).showCommand(command, id)),
    );
  declared(
    group,
    'set',
    'change settings and options of a source, and nothing else of it; docs/settings.md lists them',
    `sources set acme/api pollIntervalMs=10s batch.events=5000 'priorities=[{"type":"ci.*","priority":4}]' options.maxCommits=1000 --unset stages`,
  )
    .argument('<id>', 'id of the source')
    .argument(
      '[key=value...]',
      'a setting, or options.<name>; the value is JSON, or else text; nothing after = is the same as --unset',
    )
    .option('--unset <key...>', 'back to the default')
    .action((id: string, words: string[], options: Shared & { unset?: string[] }) =>
      act(options)(async (command) =>
        (await import('./commands/sources-set.js')).setCommand(command, id, words, options.unset ?? []),
      ),
    );
  declared(
    group,
    'remove',
    'end a source: its schedule, its run, its mirror; its events by your word',
    'sources remove acme/api --keep-events',
  )
    .usage('<id> --keep-events | --delete-events [options]')
    .argument('<id>', 'id of the source')
    .option('--keep-events', 'events stay, with what proves them; the same source started anew goes on where it stood')
    .option('--delete-events', 'everything of it goes, for ever; killed in between, the same command goes on')
    .option('--yes', 'do not ask')
    .action((id: string, options: Shared & RemovalWords) =>
      act(options)(async (command) =>
        (await import('./commands/sources-remove.js')).removeCommand(command, id, options),
      ),
    );
};
