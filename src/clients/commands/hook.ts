// tributary hook: the git hooks that tell a source of its repository's new commits.
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { InvalidInput } from '../../domain/errors.js';
import { parseInput } from '../../domain/parse.js';
import { sourceIdSchema } from '../../domain/source-id.js';
import { stackStatus } from '../../local/stack.js';
import { listSourceStatus, type SourceStatus } from '../../store/reading/source-status.js';
import { exitCodes } from '../failure-report.js';
import {
  changedText,
  checkInstall,
  inspectHook,
  installHook,
  removeHook,
  type Change,
  type HookFile,
} from '../hook/hook-file.js';
import { hookDirectories, managedLine, refuseManaged, scriptDirectory } from '../hook/owner.js';
import { findRepository, isInside, type Repository } from '../hook/repository.js';
import { hookLog, hookNames, hookScript, keptSuffix } from '../hook/script.js';
import { checkSourceOf, findSourceOf } from '../hook/source.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';
import { cutStart } from '../terminal/text-width.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/terminal.js';

export interface InstallWords {
  readonly path: string;
  readonly id: string | undefined;
  readonly start: boolean;
  readonly scriptOnly: boolean;
}

export async function hookInstallCommand(command: Command, words: InstallWords): Promise<number> {
  const { config, terminal } = command;
  if (words.start && config.databaseUrl !== undefined) {
    throw new InvalidInput(
      'start',
      'cannot be used with DATABASE_URL, which the hook would have to hold; start the stack with `tributary up`',
    );
  }
  const id = words.id === undefined ? undefined : parseInput(sourceIdSchema, words.id, 'id');
  const repository = await findRepository(words.path);
  const directory = words.scriptOnly ? scriptDirectory(repository) : repository.hooks;
  const files = filesToWrite(repository, directory, words.scriptOnly);
  const source = id === undefined ? await askStore(command, repository) : await checked(command, repository, id);
  mkdirSync(directory, { recursive: true });
  for (const file of files) {
    const change = installHook(file, hookScript(file.name, { source, start: words.start }, config));
    terminal.item({ hook: file.name, path: file.path, change, source });
    terminal.say(
      `${change.padEnd(9)}  ${printable(file.path)}${change === 'chained' ? ` (runs the hook that was here first, kept as ${file.name}${keptSuffix})` : ''}`,
    );
  }
  terminal.say(
    words.scriptOnly
      ? `\nhave your post-commit hook run this line:\n  ${managedLine}`
      : `\ncommits here are stored as ${source} in the background; what happened is in ${printable(hookLog(config.home))}`,
  );
  return exitCodes.fine;
}

/** Throws what stands in the way of any of them, before anything is written. */
function filesToWrite(repository: Repository, directory: string, scriptOnly: boolean): HookFile[] {
  const files = (scriptOnly ? (['post-commit'] as const) : hookNames).map((name) => inspectHook(directory, name));
  if (!scriptOnly) refuseManaged(repository, files);
  // A link there could lead anywhere.
  if (!isInside(repository, directory))
    throw new InvalidInput('hook', `${JSON.stringify(directory)} leads out of the git directory; move that link away`);
  for (const file of files) checkInstall(file);
  return files;
}

async function askStore(command: Command, repository: Repository): Promise<string> {
  const { databaseUrl } = await openStack(command);
  return findSourceOf(repository, await withDatabase(databaseUrl, (pool) => listSourceStatus(pool)));
}

/** A given id is checked where the store can be asked without starting anything. */
async function checked({ config, terminal }: Command, repository: Repository, id: string): Promise<string> {
  const known = await knownSources();
  if (known === null) terminal.note(`no stack runs, so it was not checked that ${id} reads this repository`);
  else checkSourceOf(repository, known, id);
  return id;

  async function knownSources(): Promise<SourceStatus[] | null> {
    const { stack } = await stackStatus(config);
    return stack === null ? null : withDatabase(stack.databaseUrl, (pool) => listSourceStatus(pool, id));
  }
}

export async function hookRemoveCommand({ terminal }: Command, path: string): Promise<number> {
  const repository = await findRepository(path);
  let removed = 0;
  for (const file of allFiles(repository)) {
    const change = removeHook(file);
    if (change !== null) {
      removed += 1;
      terminal.item({ hook: file.name, path: file.path, change });
      terminal.say(changeText(change, file));
    } else if (file.state === 'changed') {
      terminal.note(`${printable(file.path)} ${changedText}`);
    } else if (file.kept) {
      terminal.note(
        `${printable(file.path)} is not ours any more and was left; the hook that was there before ours is ${file.name}${keptSuffix} beside it`,
      );
    }
  }
  removeIfEmpty(scriptDirectory(repository));
  if (removed === 0) terminal.say(`no hook of ours is in ${printable(repository.workTree ?? repository.gitDirectory)}`);
  return exitCodes.fine;
}

function changeText(change: Change, { path }: HookFile): string {
  return `removed    ${printable(path)}${change === 'restored' ? ' (the hook that was here before is back)' : ''}`;
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Not there, or somebody keeps something in it.
  }
}

/** Wherever ours may be, whatever core.hooksPath says by now. */
function allFiles(repository: Repository): HookFile[] {
  const hooks = hookDirectories(repository).flatMap((directory) =>
    hookNames.map((name) => inspectHook(directory, name)),
  );
  const scripts = isInside(repository, scriptDirectory(repository))
    ? [inspectHook(scriptDirectory(repository), 'post-commit')]
    : [];
  return [...hooks, ...scripts];
}

const columns: readonly Column[] = [
  { name: 'hook', rank: 1 },
  { name: 'state', rank: 2 },
  { name: 'source', rank: 3, least: 8 },
  { name: 'keeps another', short: 'keeps', rank: 5 },
  { name: 'file', rank: 4, least: 12, cut: cutStart },
];

export async function hookStatusCommand({ terminal }: Command, path: string): Promise<number> {
  const repository = await findRepository(path);
  const files = allFiles(repository).filter(
    ({ path: file, ours, kept }) => ours !== null || kept || dirname(file) === repository.hooks,
  );
  for (const { name, path: file, state, ours, kept } of files) {
    terminal.item({
      hook: name,
      path: file,
      state,
      version: ours?.version ?? null,
      source: ours?.source ?? null,
      home: ours?.home ?? null,
      kept,
    });
  }
  const rows = files.map(({ name, path: file, state, ours, kept }) => [
    name,
    state,
    ours?.source ?? '-',
    kept ? 'yes' : 'no',
    file,
  ]);
  for (const line of table(columns, rows, terminal.columns)) terminal.say(line);
  if (!isInside(repository, repository.hooks)) terminal.say(`git takes its hooks from ${printable(repository.hooks)}`);
  const homes = new Set(files.flatMap(({ ours }) => ours?.home ?? []));
  for (const home of homes) terminal.hint(`last said: ${lastLine(hookLog(home)) ?? 'nothing yet'}`);
  return exitCodes.fine;
}

function lastLine(file: string): string | undefined {
  try {
    return printable(readFileSync(file, 'utf8').trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}
