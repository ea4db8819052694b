// What a profile, a file or the environment says of a Temporal of the user's own: read as Temporal's own tools read it.
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { InvalidInput } from '../domain/errors.js';

/** Loaded only when asked for: a command without one must not wait for it. Throws InvalidInput that says what is wrong with it. */
export async function temporalConfig(): Promise<ClientConnectConfig> {
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    return loadClientConnectConfig();
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split('\n')[0];
    throw new InvalidInput(
      'environment',
      `TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE or another TEMPORAL_ variable is wrong: ${why}`,
      { cause: error },
    );
  }
}
