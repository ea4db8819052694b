// tributary config schema: what an editor needs to complete and to check tributary.yaml.
import { installed } from '../../extensions/installed.js';
import { fileSchema } from '../config/file-schema.js';
import { exitCodes } from '../failure-report.js';
import type { Command } from '../stack/stack-access.js';

export async function schemaCommand({ config, terminal }: Command): Promise<number> {
  const schema = fileSchema((await installed(config)).sources);
  terminal.item(schema);
  terminal.say(JSON.stringify(schema, null, 2));
  return exitCodes.fine;
}
