// Our texts say `tributary status`; what is printed says what can be pasted where the command was started: on PATH the name
// alone, in the clone or a project that depends on us `npx tributary`, anywhere else the program's path. There `npx tributary`
// would run a package of that name by somebody else.
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inherited, searchPath } from '../../local/environment.js';
import { packageRoot } from '../../package-root.js';

/** Where a command was started, and where a shell would look for it. */
export interface Place {
  readonly directory: string;
  readonly searchPath: readonly string[];
}

let known: string | undefined;

/**
 * Commands of ours in a text, as they work here. What counts as one stands in backticks, after `$ `, or after two spaces; so
 * lines with data of users are not to be given to this.
 */
export function pasteable(text: string, command = (known ??= ownCommand(here()))): string {
  return text.replaceAll(/(?<=`|\$ | {2})tributary(?= [a-z])/g, () => command);
}

export function ownCommand({ directory, searchPath: directories }: Place): string {
  const program = realpathSync(join(packageRoot, 'bin', 'tributary.js'));
  const called = (folder: string, link: string): boolean => realpathSync(join(folder, link)) === program;
  const onPath = directories.find((folder) => existsSync(join(folder, 'tributary')));
  if (onPath !== undefined && called(onPath, 'tributary')) return 'tributary';
  const above = upwards(directory);
  const link = join('node_modules', '.bin', 'tributary');
  const linked = above.find((folder) => existsSync(join(folder, link)));
  if (isOurs(above) || (linked !== undefined && called(linked, link))) return 'npx tributary';
  return `node ${shellWord(program)}`;
}

/** npm's rule: the project is the nearest folder with either; a package's own programs are found in it, too. */
function isOurs(above: readonly string[]): boolean {
  const project = above.find((folder) =>
    ['package.json', 'node_modules'].some((name) => existsSync(join(folder, name))),
  );
  return project !== undefined && realpathSync(project) === realpathSync(packageRoot);
}

function upwards(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...upwards(parent)];
}

/** What npm and npx put in front of PATH is gone when they have ended. */
function here(): Place {
  const byNpm = inherited['npm_command'] !== undefined || inherited['npm_lifecycle_event'] !== undefined;
  const directories = searchPath(inherited).filter(
    (folder) => !(byNpm && folder.endsWith(join('node_modules', '.bin'))),
  );
  return { directory: process.cwd(), searchPath: directories };
}

/** As a shell takes it for one word. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
