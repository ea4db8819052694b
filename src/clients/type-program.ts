// The command that shows the source types; and their options below the help of the commands that take them.
import type { Command as Commander } from 'commander';
import { loadConfig } from '../config.js';
import { installed } from '../extensions/installed.js';
import { declared, groupOf, type Declare, type Shared } from './declaration.js';
import { failureReport } from './failure-report.js';
import { optionLines, typesLines } from './sources/type-lines.js';

export const types: Declare = (program, act) => {
  const group = groupOf(
    program,
    'types',
    'the types of sources there are here: their options and their events',
    'types git',
  );
  // The default: `tributary types git` is `tributary types list git`.
  declared(group, 'list', 'the types of sources, or all that one says of itself', 'types list git', { isDefault: true })
    .argument('[source type]', 'all of them without it')
    .action((type: string | undefined, options: Shared) =>
      act(options)(async (command) => (await import('./commands/type-list.js')).typesCommand(command, type)),
    );
  declared(
    group,
    'test',
    'whether a source of your own keeps the contract; stores nothing',
    'types test ./acme-notes.js --set count=300',
  )
    .argument('<module path>', 'a module that exports sources, or a package')
    .argument('[url or path]', 'where it is, for a type that has a place')
    .option('--set <key=value...>', 'an option of the source; the value is JSON, or else text')
    .option('--type <name>', 'of several sources of the module, this one')
    .action((module: string, argument: string | undefined, options: Shared & { set?: string[]; type?: string }) =>
      act(options)(async (command) => {
        const { testTypeCommand } = await import('./commands/type-list.js');
        const { set = [], type } = options;
        return testTypeCommand(command, { module, argument, set, type });
      }),
    );
};

const taking = ['sync', 'follow'];

/** Below the help of a command that takes a type: the types, or the options of the one that is named. */
export async function addTypeHelp(program: Commander, words: readonly string[], cells: number | null): Promise<void> {
  const [first = '', ...rest] = words[0] === 'help' ? words.slice(1) : words;
  const asked = words[0] === 'help' || rest.includes('--help') || rest.includes('-h');
  const command = taking.includes(first) ? program.commands.find((one) => one.name() === first) : undefined;
  if (!asked || command === undefined) return;
  const text = await typeHelp(rest, cells);
  command.addHelpText('after', text);
}

async function typeHelp(words: readonly string[], cells: number | null): Promise<string> {
  try {
    const { registry } = await installed(loadConfig());
    const type = words.find((word) => registry.types.includes(word));
    if (type === undefined)
      return `\nTypes (\`tributary types <type>\` shows the options of one):\n${typesLines(registry, cells, 2).join('\n')}`;
    const source = registry.get(type);
    return `\nOptions of ${type}, set with --set key=value (${source.summary}):\n${optionLines(source, cells, 2).join('\n')}`;
  } catch (error) {
    return `\nThe types are not known: ${failureReport(error).line}`;
  }
}
