// Reads what a reference to a secret names (domain/secret-reference.ts), when it is needed and for whoever needs it: activities,
// and the command that embeds. Nothing here keeps one.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { currentEnvironment } from './config.js';
import { NeedsAttention } from './domain/errors.js';
import { isSecret, secretReference } from './domain/secret-reference.js';
import { limits } from './limits.js';

/** What `env:NAME` or `file:PATH` names, read now. For activities only, and not to be kept. Throws NeedsAttention that names the reference. */
export async function resolveSecret(reference: string, env: NodeJS.ProcessEnv = currentEnvironment): Promise<string> {
  const [kind, name] = [reference.slice(0, reference.indexOf(':')), reference.slice(reference.indexOf(':') + 1)];
  return checkedSecret(kind === 'env' ? env[name] : await readSecretFile(name), reference);
}

function checkedSecret(text: string | undefined, reference: string): string {
  const secret = text?.trim();
  if (secret === undefined || !isSecret(secret)) {
    throw new NeedsAttention('secret_missing', `${reference} has no secret of one word of plain characters`);
  }
  return secret;
}

/** Secrets of sources: references as in domain/secret-reference.ts, files in one folder. */
export function sourceSecrets(
  directory: string,
  env: NodeJS.ProcessEnv = currentEnvironment,
): (reference: string) => Promise<string> {
  return async (reference) => {
    const name = secretReference.parse(reference);
    const path = name.startsWith('file:') ? join(directory, name.slice('file:'.length)) : undefined;
    const secret = path === undefined ? env[name.slice('env:'.length)] : await readSecretFile(path);
    return checkedSecret(secret, path === undefined ? name : `${name} (${path})`);
  };
}

async function readSecretFile(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).slice(0, limits.secretBytesMax);
  } catch {
    return undefined;
  }
}
