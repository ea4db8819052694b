// The commands that look and change nothing but what they print: events, tail, stats, doctor, completion.
import type { Command as Commander } from 'commander';
import { declared, type Declare, type Shared } from './declaration.js';
import type { TailOptions } from './commands/tail.js';
import type { EventOptions } from './events/event-question.js';

export const events: Declare = (program, act) => {
  const listing = declared(
    program,
    'events',
    'list events by their time, the newest first; filters combine',
    "events acme/api --type 'git.*' --author jane --path src --since 7d --limit 50",
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--source <id>', 'the same as the argument')
    .option('--type <type>', "a type, or a pattern like 'git.*'; more with commas or by repeating it", collected)
    .option('--since <time>', 'not older than: 2026-01-31, 2026-01-31T12:00:00Z, or 90m, 24h, 7d ago')
    .option('--until <time>', 'older than')
    .option('--priority <1-4>', 'at least this: 1 low, 2 normal, 3 high, 4 critical')
    .option(
      '--text <words>',
      'words of a message, title or body: all of them; "in quotes" next to each other; -without',
    )
    .option(
      '--path <path>',
      'changes of a file, of all in a folder, or of a pattern like src/**/*.ts; with the type of commits, their commits',
    )
    .option(
      '--author <name or e-mail>',
      "commits by: words of the author's name, or the whole address; with the type of changes, their changes",
    )
    .option('--commit <commit id>', 'a commit and its file changes, by its id or the beginning of it')
    .option('--newest', 'the newest first (so it is without either)')
    .option('--oldest', 'the oldest first')
    .option('--limit <count>', 'at most this many', '20')
    .option('--after <cursor>', 'go on where a listing with the same filters ended')
    .option('--keys', 'with the key of each, which `events show` takes')
    // Else --json behind `show` would be taken for an option of the listing.
    .enablePositionalOptions()
    .action((source: string | undefined, options: Shared & EventOptions) =>
      act(options)(async (command) => (await import('./commands/events.js')).eventsCommand(command, source, options)),
    );
  declared(listing, 'show', 'one event, whole', 'events show acme/api@3.7.12')
    .argument('<event>', 'its id; its key (source@epoch.page.ordinal); or the beginning of the id of a commit')
    .option('--source <id>', 'in this source, where several have one of that id')
    .action((name: string, _own: Shared, itself: Commander) => {
      const options = itself.optsWithGlobals<Shared & { source?: string }>();
      return act(options)(async (command) =>
        (await import('./commands/event-show.js')).showEventCommand(command, name, options.source),
      );
    });
};

export const tail: Declare = (program, act) => {
  declared(
    program,
    'tail',
    'events as they are committed, until Ctrl-C; filters combine',
    "tail acme/api --type 'git.*' --priority 3",
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--source <id>', 'the same as the argument')
    .option('--type <type>', "a type, or a pattern like 'git.*'; more with commas or by repeating it", collected)
    .option('--priority <1-4>', 'at least this: 1 low, 2 normal, 3 high, 4 critical')
    .option(
      '--since <time>',
      'also those of before, not older than: 2026-01-31, 2026-01-31T12:00:00Z, or 90m, 24h, 7d ago',
    )
    .option('--from <position>', 'what follows the event of this position, like 12.34; 0 for all that is stored')
    .action((source: string | undefined, options: Shared & TailOptions) =>
      act(options)(async (command) => (await import('./commands/tail.js')).tailCommand(command, source, options)),
    );
};

function collected(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

export const stats: Declare = (program, act) => {
  declared(
    program,
    'stats',
    'figures of the last days: by source, type, priority and day, and how the runs went',
    'stats acme/api --days 30',
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--days <count>', 'of this many days, today being the last', '7')
    .action((source: string | undefined, options: Shared & { days: string }) =>
      act(options)(async (command) =>
        (await import('./commands/stats.js')).statsCommand(command, source, options.days),
      ),
    );
};

export const logs: Declare = (program, act) => {
  declared(program, 'logs', 'the last lines of what the parts of the stack wrote', 'logs worker --follow')
    .argument('[part]', 'supervisor, postgres, temporal, worker or hook; all without it')
    .option('--lines <count>', 'so many of each', '20')
    .option('--follow', 'and what they write from now on, until Ctrl-C')
    .action((part: string | undefined, options: Shared & { lines: string; follow?: boolean }) =>
      act(options)(async (command) => {
        const { logsCommand } = await import('./commands/logs.js');
        return logsCommand(command, part, { lines: options.lines, follow: options.follow === true });
      }),
    );
};

export const doctor: Declare = (program, act) => {
  declared(
    program,
    'doctor',
    'what is missing or wrong here, and what to do about it; starts nothing',
    'doctor',
  ).action((options: Shared) =>
    act(options)(async (command) => (await import('./commands/doctor.js')).doctorCommand(command)),
  );
};

export const completion: Declare = (program: Commander, act) => {
  declared(
    program,
    'completion',
    'a script that completes commands, options and ids in your shell',
    'completion bash >> ~/.bashrc',
  )
    .argument('<shell>', 'bash, zsh or fish; `sources`, `schedules` and `letters` print the ids the scripts ask for')
    .action((shell: string, options: Shared) =>
      act(options)(async (command) =>
        (await import('./commands/completion.js')).completionCommand(command, program, shell),
      ),
    );
};
