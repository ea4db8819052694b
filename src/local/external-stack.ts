// A database and a Temporal of the user's own: nothing is started, `tributary worker` runs wherever they want it.
import type { Config } from '../config.js';
import { InvalidInput } from '../domain/errors.js';
import type { Stack } from './stack-record.js';
import { temporalConfig } from './temporal-config.js';

/**
 * Both, or none. Half of the pair would join what belongs to different people: a worker beside the embedded database, at work
 * for everybody on a shared Temporal. `running` is the embedded stack: the address of its Temporal, exported for Temporal's
 * own program, means no other one. Throws InvalidInput that names the missing variable.
 */
export function usesOwnServers(config: Config, running: Stack | null): boolean {
  const { databaseUrl, temporalConfigured, temporalAddress } = config;
  if (databaseUrl !== undefined && temporalConfigured) return true;
  if (databaseUrl !== undefined)
    throw new InvalidInput(
      'TEMPORAL_ADDRESS',
      'is not set, and DATABASE_URL is: a Postgres of your own needs a Temporal of your own; set TEMPORAL_ADDRESS (or TEMPORAL_PROFILE), or unset DATABASE_URL to use the embedded ones',
    );
  if (!temporalConfigured || (running !== null && isAddressOf(running, temporalAddress))) return false;
  const given = temporalAddress === undefined ? 'a Temporal profile' : 'TEMPORAL_ADDRESS';
  throw new InvalidInput(
    'DATABASE_URL',
    `is not set, and ${given} is: a Temporal of your own needs a Postgres of your own; set DATABASE_URL, or unset ${given === 'TEMPORAL_ADDRESS' ? given : 'TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE'} to use the embedded ones`,
  );
}

function isAddressOf(running: Stack, address: string | undefined): boolean {
  return address?.replace(/^localhost(?=:|$)/i, '127.0.0.1') === running.temporalAddress;
}

export async function externalStack(config: Config): Promise<Stack> {
  const temporal = await externalTemporal(config);
  return {
    ...temporal,
    databaseUrl: config.databaseUrl as string,
    temporalUi: null,
    temporalCli: null,
    frontDoor: null,
    managed: 'none',
  };
}

/** A profile or a file may say the namespace, too, where only the address is in the environment. */
export async function externalTemporal(config: Config): Promise<Pick<Stack, 'temporalAddress' | 'temporalNamespace'>> {
  const { connectionOptions, namespace } = await temporalConfig(config);
  return {
    temporalAddress: config.temporalAddress ?? connectionOptions.address ?? usualTemporal,
    temporalNamespace: config.temporalNamespace ?? namespace ?? 'default',
  };
}

/** Where Temporal's own tools look without an address. */
export const usualTemporal = '127.0.0.1:7233';
