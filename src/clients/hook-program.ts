// The commands about git hooks, as people type them.
import { declared, groupOf, type Declare, type Shared } from './declaration.js';

export const hook: Declare = (program, act) => {
  const group = groupOf(
    program,
    'hook',
    'store commits as they are made: git hooks that send the source a signal in the background',
    'hook install',
  );
  declared(
    group,
    'install',
    'put the hooks into a repository; hooks that are there are kept and run first',
    'hook install',
  )
    .argument('[path]', 'the repository', '.')
    .option('--id <id>', 'source that reads the repository; found by its origin when not given')
    .option('--start', 'start the stack after a commit when it does not run')
    .option('--script-only', 'only write the script, for the hook manager that you have')
    .action((path: string, options: Shared & { id?: string; start?: boolean; scriptOnly?: boolean }) =>
      act(options)(async (command) => {
        const { hookInstallCommand } = await import('./commands/hook.js');
        const { id, start = false, scriptOnly = false } = options;
        return hookInstallCommand(command, { path, id, start, scriptOnly });
      }),
    );
  declared(group, 'remove', 'take ours out again, and put back what was there before', 'hook remove ../api')
    .argument('[path]', 'the repository', '.')
    .action((path: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/hook.js')).hookRemoveCommand(command, path)),
    );
  declared(group, 'status', 'which hooks are ours, and what the last one said', 'hook status')
    .argument('[path]', 'the repository', '.')
    .action((path: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/hook.js')).hookStatusCommand(command, path)),
    );
};
