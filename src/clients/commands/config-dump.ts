// tributary config dump: the tributary.yaml of what is there, on standard output.
import { placedFile } from '../../config-file/config-file.js';
import { installed } from '../../extensions/installed.js';
import { dumpedSections, dumpOf, dumpText } from '../config/dump.js';
import { findSources } from '../config/found.js';
import { exitCodes } from '../failure-report.js';
import { connectTemporal } from '../stack/connect.js';
import { openStack, withDatabase, type Command } from '../stack/stack-access.js';

export async function dumpCommand(command: Command): Promise<number> {
  const { config, terminal } = command;
  const { registry } = await installed(config);
  const said = config.file === undefined ? {} : (placedFile(config.file, config.file.profile).value as object);
  const sections = dumpedSections(config, said as Readonly<Record<string, unknown>>);
  const stack = await openStack(command);
  const client = await connectTemporal(config, stack);
  try {
    const found = await withDatabase(stack.databaseUrl, (pool) => findSources(client, pool, []));
    const dump = dumpOf(found, registry, sections);
    terminal.item(dump.value);
    terminal.say(dumpText(dump).trimEnd());
    for (const note of dump.notes) terminal.note(note);
    return exitCodes.fine;
  } finally {
    await client.connection.close();
  }
}
