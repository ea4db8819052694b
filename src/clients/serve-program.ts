// The commands of the front door.
import { declared, groupOf, type Declare, type Shared } from './declaration.js';

export const serve: Declare = (program, act) => {
  declared(
    program,
    'serve',
    'run a front door in the foreground: events and webhooks over HTTP; `up` runs one of its own',
    'serve --listen 127.0.0.1:8377',
  )
    .option('--listen <address:port>', 'where; on loopback, at a free port, where nothing is said')
    .action((options: Shared & { listen?: string }) =>
      act(options)(async (command) => (await import('./commands/serve.js')).serveCommand(command, options)),
    );
};

export const token: Declare = (program, act) => {
  const group = groupOf(
    program,
    'token',
    'tokens that let others ask the front door: create, list, revoke',
    'token list',
  );
  declared(group, 'create', 'make a token and print it, once', 'token create shop --scope push --expires 90d')
    .argument('<name>', 'who it is for; letters, digits, dots, hyphens and underscores')
    .option('--scope <scope...>', 'what it may do: push, read, operate, admin; push where nothing is said')
    .option('--expires <time>', 'ends by itself: after 90d, or at 2026-01-31T12:00:00Z')
    .action((name: string, options: Shared & { scope?: string[]; expires?: string }) =>
      act(options)(async (command) => (await import('./commands/token.js')).createTokenCommand(command, name, options)),
    );
  declared(group, 'list', 'the tokens there are and were; never what they are', 'token list').action(
    (options: Shared) =>
      act(options)(async (command) => (await import('./commands/token.js')).listTokensCommand(command)),
  );
  declared(group, 'revoke', 'take a token away from whoever has it', 'token revoke shop')
    .argument('<name>', 'as it was made')
    .action((name: string, options: Shared) =>
      act(options)(async (command) => (await import('./commands/token.js')).revokeTokenCommand(command, name)),
    );
};
