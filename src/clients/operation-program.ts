// The commands that operate what is there: follow, pause, resume, schedules, what workers remember.
import type { Command as Commander } from 'commander';
import { declared, groupOf, type Declare, type Shared } from './declaration.js';

const follow: Declare = (program, act) => {
  declared(
    program,
    'follow',
    'read a source and look for more again and again, until it is stopped',
    'follow git . --every 10s',
  )
    .argument(
      '<type or id>',
      'type of the source (git, synthetic …); or a path or url that says it; or the id of one that is known',
    )
    .argument('[url or path]', 'where it is, for a type that has a place')
    .option('--every <time>', 'from the end of one look to the next: 500ms, 10s, 5m, 1h; 1m where none is set')
    .option('--id <id>', 'name of the source; made from the url or path when not given')
    .option('--set <key=value...>', 'an option of the source; the value is JSON, or else text')
    .option('--accept-deletions', 'believe the first look, even if all or most of what is known is gone')
    .option('--detach', 'start it and return at once')
    .action(
      (
        type: string,
        argument: string | undefined,
        options: Shared & { every?: string; id?: string; set?: string[]; detach?: boolean; acceptDeletions?: true },
      ) =>
        act(options)(async (command) => {
          const { followCommand } = await import('./commands/follow.js');
          const { id, set = [], detach = false, every, acceptDeletions } = options;
          return followCommand(command, { type, argument, id, set }, { every, detach, acceptDeletions });
        }),
    );
};

const pause: Declare = (program, act) => {
  declared(
    program,
    'pause',
    'make a source wait at the next page boundary, also in its next runs',
    'pause acme/api --until 2h --reason "incident 812"',
  )
    .argument('<id>', 'id of the source')
    .option('--until <time>', 'ends by itself: after 30m, 2h, 7d, or at 2026-01-31T12:00:00Z')
    .option('--reason <text>', 'why, for whoever finds it paused')
    .action((id: string, options: Shared & { until?: string; reason?: string }) =>
      act(options)(async (command) => (await import('./commands/pause.js')).pauseCommand(command, id, options)),
    );
};

const resume: Declare = (program, act) => {
  declared(program, 'resume', 'end the pause of a source', 'resume acme/api')
    .argument('<id>', 'id of the source')
    .action((id: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/resume.js')).resumeCommand(command, id)),
    );
};

const schedule: Declare = (program, act) => {
  const group = groupOf(
    program,
    'schedule',
    'sync a source again and again, by a Temporal Schedule',
    'schedule acme/api --every 5m',
  );
  // The default: `tributary schedule acme/api …` is `tributary schedule set acme/api …`.
  declared(group, 'set', 'make or change the schedule of a source', 'schedule set acme/api --every 5m', {
    isDefault: true,
  })
    .usage('<id> --every <time> | --cron <expression> [options]')
    .argument('<id>', 'id of a source that was synced before')
    .allowExcessArguments()
    .option('--every <time>', 'interval: 30s, 5m, 1.5h, 2d')
    .option('--cron <expression>', 'five fields: minute hour day month weekday, such as "*/5 1 * * *"')
    .option('--timezone <name>', 'of the cron expression, such as Europe/Berlin; UTC without it')
    .option('--jitter <time>', 'start up to this much later, so that not all start at once')
    .action((_id: string, options: Shared & Record<string, string | undefined>, { args }: Commander) =>
      act(options)(async (command) => (await import('./commands/schedule.js')).setCommand(command, args, options)),
    );
  declared(group, 'list', 'the schedules, with the last and the next start', 'schedule list').action(
    (options: Shared) => act(options)(async (command) => (await import('./commands/schedule.js')).listCommand(command)),
  );
  for (const [verb, summary] of [
    ['trigger', 'sync now; skipped where a sync runs'],
    ['pause', 'start nothing until it is resumed; a running sync goes on'],
    ['resume', 'start again at the set times'],
    ['remove', 'take the schedule away; the source and all its events stay'],
  ] as const) {
    declared(group, verb, summary, `schedule ${verb} acme/api`)
      .argument('<scheduled id>', 'id of the source')
      .option('--reason <text>', 'a note that stands in the Temporal UI')
      .action((id: string, options: Shared & { reason?: string }) =>
        act(options)(async (command) =>
          (await import('./commands/schedule.js')).changeCommand(command, id, verb, options.reason),
        ),
      );
  }
};

const recentHashes: Declare = (program, act) => {
  const group = groupOf(
    program,
    'recent-hashes',
    'what workers remember of the events they stored last',
    'recent-hashes clear',
  );
  declared(
    group,
    'clear',
    'make every worker forget it before its next page; slower, never wrong',
    'recent-hashes clear',
  ).action((options: Shared) =>
    act(options)(async (command) => (await import('./commands/recent-hashes.js')).clearCommand(command)),
  );
};

export const operation: readonly Declare[] = [follow, pause, resume, schedule, recentHashes];
