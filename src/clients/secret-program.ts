// The commands about secrets: what sources name by file:NAME.
import { declared, groupOf, type Declare, type Shared } from './declaration.js';

export const secret: Declare = (program, act) => {
  const group = groupOf(
    program,
    'secret',
    'secrets of sources, in a folder that only you can read: set, list, remove',
    'secret list',
  );
  declared(
    group,
    'set',
    'store a secret, typed at a prompt or piped in; sources name it by file:NAME',
    'secret set acme < token.txt',
  )
    .argument('<name>', 'letters, digits, dots, hyphens and underscores; never the secret itself')
    .action((name: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/secret.js')).setSecretCommand(command, name)),
    );
  declared(group, 'list', 'names, and when each was changed; never what they hold', 'secret list').action(
    (options: Shared) =>
      act(options)(async (command) => (await import('./commands/secret.js')).listSecretsCommand(command)),
  );
  declared(group, 'remove', 'forget a secret', 'secret remove acme')
    .argument('<name>', 'as it was stored')
    .action((name: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/secret.js')).removeSecretCommand(command, name)),
    );
};
