// The programs of the images, from their Go modules, in the versions docker-compose.yml names. Built once into our cache: about
// five minutes on 2 cores with nothing cached, 0 s after that.
import { existsSync, mkdirSync, renameSync, symlinkSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { keepLoopbackDirect, loadConfig } from '../../src/config.js';
import { runCommand } from '../../src/local/command.js';
import { cacheDirectory, childEnvironment, inherited } from '../../src/local/environment.js';
import { findTemporalCli } from '../../src/local/temporal-cli.js';
import { composeFile, tagOf } from '../deploy/compose-file.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** A directory with temporal-server, temporal-sql-tool, temporal and compose-spec. */
    programs: string;
  }
}

/** The reference implementation of the compose specification, with its schema. */
const composeSpec = 'github.com/compose-spec/compose-go/v2/cmd@v2.16.2';
/** Alone on 2 cores it takes four minutes, beside other work three times that. */
const buildMsMax = 20 * 60_000;

export default async function setup(project: TestProject): Promise<void> {
  keepLoopbackDirect();
  const version = tagOf(composeFile().services['temporal']!.image);
  const directory = join(cacheDirectory(inherited), `cluster-${version}`);
  mkdirSync(directory, { recursive: true });
  await build(directory, 'temporal-server', `go.temporal.io/server/cmd/server@v${version}`);
  await build(directory, 'temporal-sql-tool', `go.temporal.io/server/cmd/tools/sql@v${version}`);
  await build(directory, 'compose-spec', composeSpec);
  linkCli(directory, await findTemporalCli(loadConfig(), say));
  project.provide('programs', directory);
}

/** `go install` names a program by the last part of its path; the images have other names. */
async function build(directory: string, name: string, module: string): Promise<void> {
  const program = join(directory, name);
  if (existsSync(program)) return;
  say(`building ${module}`);
  const work = join(directory, `build-${name}`);
  const built = await runCommand('go', ['install', module], {
    environment: childEnvironment({ GOBIN: work }),
    timeoutMs: buildMsMax,
  });
  if (!built.ok) throw new Error(missing(module, built.failure));
  renameSync(join(work, module.slice(module.lastIndexOf('/') + 1).split('@')[0]!), program);
  rmSync(work, { recursive: true, force: true });
}

function missing(module: string, failure: string): string {
  const needs =
    'This test runs the servers of docker-compose.yml and builds them with Go: install Go 1.26.4 or later (https://go.dev/dl) and let it reach its module proxy';
  return failure.includes('ENOENT')
    ? `no program \`go\` is on the PATH. ${needs}.`
    : `${module} could not be built. ${needs}. It said: ${failure}`;
}

function linkCli(directory: string, cli: string): void {
  const link = join(directory, 'temporal');
  rmSync(link, { force: true });
  if (dirname(cli) !== directory) symlinkSync(cli, link);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
