// The commands of the front door.
import { declared, type Declare, type Shared } from './declaration.js';

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
