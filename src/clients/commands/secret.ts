// tributary secret set, list, remove: secrets in the folder that sources name files in. Starts nothing, and shows none.
import { exitCodes } from '../failure-report.js';
import { givenSecret } from '../secrets/given-secret.js';
import { listSecrets, referenceTo, removeSecret, saveSecret } from '../secrets/secret-folder.js';
import type { Command } from '../stack/stack-access.js';
import { shortTime, timeStops } from '../terminal/short-forms.js';
import { table, type Column } from '../terminal/table.js';

export async function setSecretCommand({ config, terminal }: Command, name: string): Promise<number> {
  const reference = referenceTo(name);
  const secret = await givenSecret({ input: process.stdin, prompt: process.stderr });
  const replaced = await saveSecret(config.secretsDirectory, name, secret);
  terminal.item({ outcome: replaced ? 'replaced' : 'stored', name, reference });
  terminal.say(`${name} is ${replaced ? 'replaced' : 'stored'}; an option of a source names it: ${reference}`);
  return exitCodes.fine;
}

const columns: readonly Column[] = [
  { name: 'reference', rank: 1 },
  { name: 'changed', rank: 2, least: 10, stops: timeStops, cut: shortTime },
];

export async function listSecretsCommand({ config, terminal }: Command): Promise<number> {
  const secrets = await listSecrets(config.secretsDirectory);
  for (const secret of secrets) terminal.item(secret);
  if (secrets.length === 0)
    terminal.hint(`no secrets in ${config.secretsDirectory}; \`tributary secret set acme-token\` stores one`);
  const rows = secrets.map(({ reference, changedAt }) => [reference, changedAt.toISOString()]);
  if (rows.length > 0) for (const line of table(columns, rows, terminal.columns)) terminal.say(line);
  return exitCodes.fine;
}

export async function removeSecretCommand({ config, terminal }: Command, name: string): Promise<number> {
  const reference = referenceTo(name);
  await removeSecret(config.secretsDirectory, name);
  terminal.item({ outcome: 'removed', name, reference });
  terminal.say(`${name} is removed; sources that name ${reference} need attention at their next look`);
  return exitCodes.fine;
}
