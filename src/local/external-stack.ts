import type { Config } from '../config.js';
import type { Stack } from './stack-record.js';
import { temporalConfig } from './temporal-config.js';

/** A database and a Temporal of the user's own: nothing is started, `tributary worker` runs wherever they want it. */
export async function externalStack(config: Config): Promise<Stack> {
  const temporal = await externalTemporal(config);
  return {
    ...temporal,
    databaseUrl: config.databaseUrl as string,
    temporalUi: null,
    temporalCli: null,
    managed: 'none',
  };
}

export async function externalTemporal(config: Config): Promise<Pick<Stack, 'temporalAddress' | 'temporalNamespace'>> {
  if (config.temporalAddress !== undefined)
    return { temporalAddress: config.temporalAddress, temporalNamespace: config.temporalNamespace ?? 'default' };
  const { connectionOptions, namespace } = await temporalConfig();
  return {
    temporalAddress: connectionOptions.address ?? '',
    temporalNamespace: config.temporalNamespace ?? namespace ?? 'default',
  };
}
