// The commands, as people type them. Each loads what it needs when it runs, so that help and wrong use cost nothing.
import { CommanderError, type Command as Commander } from 'commander';
import { currentEnvironment, loadConfig, type Config } from '../config.js';
import { thrownText } from '../domain/thrown.js';
import { newProgram, refuseUnknownHelp } from './command-line.js';
import { deadLetters, deferred } from './dead-letters-program.js';
import { config } from './config-program.js';
import { declared, type Act, type Declare, type FileWords, type Shared } from './declaration.js';
import { exitCodes, failureReport } from './failure-report.js';
import { hook } from './hook-program.js';
import { completion, doctor, events, logs, stats, tail } from './looking-program.js';
import { operation } from './operation-program.js';
import { record } from './record-program.js';
import { secret } from './secret-program.js';
import { serve, token } from './serve-program.js';
import { sources } from './sources-program.js';
import { pasteable } from './terminal/own-command.js';
import { helpCells } from './terminal/help-form.js';
import { openTerminal } from './terminal/terminal.js';
import { addTypeHelp, types } from './type-program.js';
import type { SyncOptions } from './commands/sync-several.js';
import type { VerifyChoice } from './verify/verify-choice.js';

/** The exit code. Never throws. */
export async function main(words: readonly string[]): Promise<number> {
  let exitCode: number = exitCodes.fine;
  const program = declaredProgram((shared) => async (work) => {
    exitCode = await work({ config: configFor(shared), terminal: openTerminal(shared.json === true) });
  });
  try {
    if (words[0] === '--version' || words[0] === '-V') {
      const { versionCommand } = await import('./commands/version.js');
      return await versionCommand(words.includes('--json'));
    }
    refuseUnknownHelp(program, words);
    await addTypeHelp(program, words, process.stdout.isTTY ? helpCells() : null);
    await program.parseAsync(words, { from: 'user' });
    return exitCode;
  } catch (error) {
    return reported(error, words.includes('--debug'));
  }
}

/** `--file` and `--profile` are the variables of the same meaning, for one command. */
function configFor({ file, profile }: FileWords): Config {
  if (file === undefined && profile === undefined) return loadConfig();
  const said = Object.entries({ TRIBUTARY_CONFIG: file, TRIBUTARY_PROFILE: profile });
  return loadConfig({ ...currentEnvironment, ...Object.fromEntries(said.filter(([, value]) => value !== undefined)) });
}

/** All commands; `act` runs what one does. */
export function declaredProgram(act: (shared: FileWords) => Act): Commander {
  const program = newProgram();
  const all = [
    sync,
    record,
    types,
    sources,
    config,
    secret,
    ...operation,
    up,
    down,
    status,
    events,
    tail,
    stats,
    deadLetters,
    deferred,
    embed,
    verify,
    stop,
    hook,
    worker,
    serve,
    token,
    logs,
    doctor,
    completion,
  ];
  for (const declare of all) declare(program, act);
  return program;
}

function reported(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) {
    // Commander has written its line already.
    return error.exitCode === 0 ? exitCodes.fine : exitCodes.wrongUse;
  }
  const { line, exitCode } = failureReport(error);
  process.stderr.write(`${debug ? traceOf(error, line) : pasteable(line)}\n`);
  return exitCode;
}

/** With what caused it, in whoever's words. */
function traceOf(error: unknown, line: string): string {
  if (!(error instanceof Error)) return line;
  const { stack = line, cause } = error;
  return cause === undefined ? stack : `${stack}\ncaused by: ${traceOf(cause, thrownText(cause))}`;
}

const sync: Declare = (program, act) => {
  declared(
    program,
    'sync',
    'read a source to its end; starts what it needs',
    'sync git . --id acme/api --set maxCommits=1000',
  )
    .argument(
      '[type or id]',
      'type of the source (git, synthetic …); or a path or url that says it; or the id of one that is known',
    )
    .argument('[place or ids...]', 'url or path, for a type that has a place; or more ids of known ones')
    .option('--all', 'every source that is known and not paused')
    .option('--id <id>', 'name of the source; made from the url or path when not given')
    .option('--set <key=value...>', 'an option of the source; the value is JSON, or else text')
    .option('--accept-deletions', 'believe this look, even if all or most of what is known is gone')
    .option('--detach', 'start it and return at once')
    .action((type: string | undefined, more: string[], options: Shared & SyncOptions, itself: Commander) => {
      if (type === undefined && options.all !== true) itself.error("error: missing required argument 'type or id'");
      return act(options)(async (command) =>
        (await import('./commands/sync-several.js')).syncWordsCommand(
          command,
          type === undefined ? [] : [type, ...more],
          options,
        ),
      );
    });
};

const up: Declare = (program, act) => {
  declared(program, 'up', 'start Postgres, Temporal, a worker and the front door, and leave them running', 'up').action(
    (options: Shared) => act(options)(async (command) => (await import('./commands/up.js')).upCommand(command)),
  );
};

const down: Declare = (program, act) => {
  declared(program, 'down', 'stop what `up` started; everything stored is kept', 'down').action((options: Shared) =>
    act(options)(async (command) => (await import('./commands/down.js')).downCommand(command)),
  );
};

const status: Declare = (program, act) => {
  declared(
    program,
    'status',
    'the stack and the sources, each with its last run and its counts',
    'status --watch --every 5s',
  )
    .option('--watch', 'again and again, until q or Ctrl-C')
    .option('--every <time>', 'between two looks of --watch', '2s')
    .action((options: Shared & { watch?: boolean; every: string }, itself: Commander) => {
      const isWatched = options.watch === true;
      if (!isWatched && itself.getOptionValueSource('every') === 'cli')
        itself.error("error: option '--every <time>' is between two looks of --watch, which is missing");
      return act(options)(async (command) =>
        isWatched
          ? (await import('./commands/status-watch.js')).watchStatusCommand(command, options.every)
          : (await import('./commands/status.js')).statusCommand(command),
      );
    });
};

const embed: Declare = (program, act) => {
  declared(
    program,
    'embed',
    'vectors for stored events that have none, by the endpoint of TRIBUTARY_EMBED_URL',
    'embed acme/api',
  )
    .argument('[source]', 'id of one source; all without it')
    .action((source: string | undefined, options: Shared) =>
      act(options)(async (command) => (await import('./commands/embed.js')).embedCommand(command, source)),
    );
};

const verify: Declare = (program, act) => {
  declared(
    program,
    'verify',
    'prove from the database that nothing is lost, doubled, invented or altered',
    'verify acme/api',
  )
    .argument('[source]', 'id of one source; all without it')
    .option('--quick', 'do not read the events: the chain, the counts and all other rows')
    .option(
      '--since <time or page>',
      'only what was committed after it, a time or the epoch.page of the source; what is before it is trusted',
    )
    .option('--anchor <file>', 'check the signed lines of the file against the chain, and add one when all is proved')
    .option('--anchor-key <reference>', 'the key that signs them: env:NAME or file:PATH')
    .option('--deep', 'also compare with the origin as it is now: read again what was read of each file, each tree')
    .option('--repair', 'with --deep: store what is missing, and nothing else')
    .action((source: string | undefined, { quick = false, ...options }: Shared & VerifyChoice) =>
      act(options)(async (command) =>
        (await import('./commands/verify.js')).verifyCommand(command, source, { ...options, quick }),
      ),
    );
};

const stop: Declare = (program, act) => {
  declared(program, 'stop', 'end a running sync after the pages in flight are committed', 'stop acme/api')
    .argument('<id>', 'id of the source')
    .action((id: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/stop.js')).stopCommand(command, id)),
    );
};

const worker: Declare = (program, act) => {
  declared(
    program,
    'worker',
    'run a worker in the foreground, for a Temporal and a Postgres of your own',
    'worker',
  ).action((options: Shared) =>
    act(options)(async (command) => (await import('./commands/worker.js')).workerCommand(command)),
  );
};
