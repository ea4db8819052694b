// The commands about tributary.yaml: what it would change, the change itself, the file of what is there, and its schema.
import type { Command as Commander } from 'commander';
import { declared, groupOf, type Declare, type FileWords } from './declaration.js';
import type { ApplyWords } from './commands/config-apply.js';

export const config: Declare = (program, act) => {
  const group = groupOf(
    program,
    'config',
    'many sources in one file, tributary.yaml: plan, apply, dump, schema; docs/configuration.md',
    'config plan',
  );
  filed(group, 'plan', 'what `config apply` would change', 'config plan --file tributary.yaml')
    .option('--prune', 'sources that the file does not name would be removed, with their events')
    .action((options: FileWords & ApplyWords) =>
      act(options)(async (command) => (await import('./commands/config-plan.js')).planCommand(command, options)),
    );
  filed(group, 'apply', 'make, change, pause and end sources, schedules and follows as the file says', 'config apply')
    .option('--prune', 'remove sources that the file does not name, with all their events')
    .option('--yes', 'do not ask before events are deleted')
    .action((options: FileWords & ApplyWords) =>
      act(options)(async (command) => (await import('./commands/config-apply.js')).applyCommand(command, options)),
    );
  filed(group, 'dump', 'print the file of what is there', 'config dump --file none > tributary.yaml').action(
    (options: FileWords) =>
      act(options)(async (command) => (await import('./commands/config-dump.js')).dumpCommand(command)),
  );
  declared(
    group,
    'schema',
    'print the JSON schema of the file, for editors, with the source types there are here',
    'config schema > tributary.schema.json',
  ).action((options: FileWords) =>
    act(options)(async (command) => (await import('./commands/config-schema.js')).schemaCommand(command)),
  );
};

function filed(group: Commander, name: string, summary: string, example: string): Commander {
  return declared(group, name, summary, example)
    .option('--file <file>', 'the file; else TRIBUTARY_CONFIG, else the nearest tributary.yaml upwards')
    .option('--profile <profile>', 'the profile of it that is laid over the rest; else TRIBUTARY_PROFILE');
}
