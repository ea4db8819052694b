// tributary serve: a front door in the foreground. It needs Postgres alone, so a DATABASE_URL by itself is enough.
import { listenPlace } from '../../connection-forms.js';
import { parseInput } from '../../domain/parse.js';
import { serve } from '../../server/serve.js';
import { exitCodes } from '../failure-report.js';
import { onInterrupt } from '../interrupt.js';
import { openStack, type Command } from '../stack/stack-access.js';
import { warnOfUnknown } from '../stack/unknown-settings.js';

export async function serveCommand(command: Command, { listen }: { readonly listen?: string }): Promise<number> {
  const { config, terminal } = command;
  warnOfUnknown(terminal);
  const place = listen === undefined ? config.listen : parseInput(listenPlace, listen, 'listen');
  const leave = onInterrupt();
  const databaseUrl = config.databaseUrl ?? (await openStack(command)).databaseUrl;
  const door = await serve(config, databaseUrl, place, true, (line) => terminal.note(line));
  terminal.item({ frontDoor: door.url });
  terminal.say(`front door    ${door.url}`);
  terminal.hint('Ctrl-C ends it; what it has answered is stored');
  if (!leave.aborted)
    await new Promise<void>((resolve) => leave.addEventListener('abort', () => resolve(), { once: true }));
  await door.close();
  return exitCodes.fine;
}
