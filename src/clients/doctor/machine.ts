// What this machine brings: Node, git, the home directory and its disk, the environment.
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { currentEnvironment, type Config } from '../../config.js';
import { limits } from '../../limits.js';
import { runCommand } from '../../local/command.js';
import { inherited, searchPath } from '../../local/environment.js';
import { packageRoot } from '../../package-root.js';
import { unknownVariables } from '../../unknown-variables.js';
import { machineMemoryBytes } from '../../worker-memory.js';
import { homeLines } from '../stack/home-lines.js';
import { bytes } from '../terminal/figures.js';
import { fail, ok, warn, type Finding } from './finding.js';

export async function machineFindings(config: Config): Promise<Finding[]> {
  return [node(), await git(), ...home(config), memory(config), clock(), ...variables()];
}

function node(): Finding {
  const { engines } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
    engines: { node: string };
  };
  const wanted = engines.node.replace('>=', '');
  const found = `Node ${process.versions.node} (${process.execPath})`;
  return atLeast(process.versions.node, wanted)
    ? ok('node', found)
    : fail('node', found, `Install Node ${wanted} or later.`);
}

/** As src/sources/git asks of it: older ones lack options the walk needs. */
const gitMin = '2.31';

async function git(): Promise<Finding> {
  const asked = await runCommand('git', ['--version'], { timeoutMs: limits.quickAnswerMs });
  const install = `Install git ${gitMin} or later and have it on PATH; the git source needs it.`;
  if (!asked.ok) return fail('git', 'no git on PATH', install);
  const version = /\d+(\.\d+)+/.exec(asked.output)?.[0] ?? '0';
  const path =
    searchPath(inherited)
      .map((directory) => join(directory, 'git'))
      .find((file) => existsSync(file)) ?? 'git';
  return atLeast(version, gitMin)
    ? ok('git', `git ${version} (${path})`)
    : fail('git', `git ${version} (${path})`, install);
}

function atLeast(version: string, wanted: string): boolean {
  const [found, least] = [version, wanted].map((text) => text.split('.').map(Number));
  const at = least!.findIndex((number, place) => (found![place] ?? 0) !== number);
  return at < 0 || (found![at] ?? 0) > least![at]!;
}

function home({ home: directory, homePlace, databaseUrl, temporalConfigured }: Config): Finding[] {
  if (databaseUrl !== undefined && temporalConfigured) return [];
  const existing = nearestExisting(directory);
  const elsewhere = 'Set TRIBUTARY_HOME to a directory on a local disk that you may write to.';
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    return [fail('home', `${directory} cannot be written`, elsewhere)];
  }
  const { type, bavail, bsize } = statfsSync(existing);
  const network = networkFileSystems[type];
  const place = existing === directory ? directory : `${directory} (not made yet)`;
  const [, ...others] = homeLines({ homePlace });
  return [
    network === undefined
      ? ok('home', [place, ...others.map((line) => line.trim())].join('; '))
      : fail('home', `${place} is on ${network}: a database there can lose data, and locks do not hold`, elsewhere),
    disk(bavail * bsize),
  ];
}

/** More than half of the machine is too much beside Postgres and Temporal. */
function memory({ memoryBytes }: Config): Finding {
  const machine = machineMemoryBytes();
  const found = `a worker may take ${bytes(memoryBytes)} of ${bytes(machine)} (TRIBUTARY_MEMORY)`;
  return memoryBytes <= machine / 2
    ? ok('memory', found)
    : warn('memory', found, 'Set TRIBUTARY_MEMORY to less: Postgres and Temporal need memory, too.');
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}

/** Linux's numbers (statfs(2)) of what is shared between machines. */
const networkFileSystems: Readonly<Record<number, string>> = {
  0x6969: 'NFS', 0xff534d42: 'CIFS', 0xfe534d42: 'SMB', 0x517b: 'SMB', 0x01021997: '9P', 0x00c36400: 'Ceph', 0x5346414f: 'AFS', 0x73757245: 'Coda',
}; // prettier-ignore

function disk(free: number): Finding {
  const found = `${bytes(free)} free`;
  if (free < limits.diskBytesMin)
    return fail(
      'disk',
      found,
      'Make room, or set TRIBUTARY_HOME to a larger disk: Postgres stops when its disk is full.',
    );
  return free < limits.diskBytesRoomy
    ? warn(
        'disk',
        found,
        `Make room before a large sync: Postgres alone keeps up to 1 GiB of log, and 1,000,000 events are about 1 GiB.`,
      )
    : ok('disk', found);
}

/** This version cannot have been built after now. */
function clock(): Finding {
  const now = new Date();
  const builtYear = 2026;
  return now.getUTCFullYear() >= builtYear
    ? ok('clock', now.toISOString())
    : fail('clock', now.toISOString(), 'Set the clock of this machine; times of ingestion and schedules come from it.');
}

function variables(): Finding[] {
  const unknown = unknownVariables(currentEnvironment);
  if (unknown.length === 0) return [ok('environment', 'no unknown TRIBUTARY_ variables')];
  return unknown.map(({ name, meant }) =>
    warn(
      'environment',
      `${name} is set and means nothing here`,
      meant === null ? 'Unset it, or see docs/environment.md for the names there are.' : `Did you mean ${meant}?`,
    ),
  );
}
