// What a profile, a file or the environment says of a Temporal of the user's own: read as Temporal's own tools read it.
import { accessSync, constants } from 'node:fs';
import { devNull } from 'node:os';
import type { ClientConfigTLS, ClientConnectConfig } from '@temporalio/envconfig';
import type { Config } from '../config.js';
import { InvalidInput, isEngineError } from '../domain/errors.js';
import { inherited } from './environment.js';

type Named = Pick<Config, 'temporalProfile' | 'temporalConfigFile'>;

/** Loaded only when asked for: a command without one must not wait for it. Throws InvalidInput that says what is wrong with it. */
export async function temporalConfig(named: Named): Promise<ClientConnectConfig> {
  const { loadClientConfig, loadClientConfigProfile, toClientOptions } = await import('@temporalio/envconfig');
  try {
    // Temporal's own reader takes a file that is not there for an empty one.
    if (named.temporalConfigFile !== undefined) accessSync(named.temporalConfigFile, constants.R_OK);
    const isNoFile = named.temporalConfigFile === devNull;
    if (named.temporalProfile !== undefined) refuseUnknown(named, Object.keys(loadClientConfig({}).profiles));
    const profile = loadClientConfigProfile({ disableFile: isNoFile });
    refuseHalfPair(profile.tls);
    return toClientOptions(profile);
  } catch (error) {
    throw isEngineError(error) ? error : wrong(error, named);
  }
}

function refuseUnknown({ temporalProfile, temporalConfigFile }: Named, known: readonly string[]): void {
  if (known.includes(temporalProfile!)) return;
  const file = temporalConfigFile ?? "Temporal's configuration file";
  throw new InvalidInput(
    'TEMPORAL_PROFILE',
    `found no profile ${JSON.stringify(temporalProfile)} in ${file}, which has ${known.length === 0 ? 'none' : known.join(', ')}; name one of them, or unset it`,
  );
}

/** The reader leaves half a pair out without a word; the server would then refuse a client without a certificate. */
function refuseHalfPair(tls: ClientConfigTLS | undefined): void {
  const [certificate, key] = [tls?.clientCert, tls?.clientKey];
  if ((certificate === undefined) === (key === undefined)) return;
  const [there, missing] = certificate === undefined ? ['KEY', 'CERT'] : ['CERT', 'KEY'];
  throw new InvalidInput(
    `TEMPORAL_TLS_CLIENT_${missing}_PATH`,
    `is not set, and TEMPORAL_TLS_CLIENT_${there}_PATH is; Temporal needs both, in the environment or in the profile`,
  );
}

function wrong(error: unknown, { temporalConfigFile }: Named): InvalidInput {
  const { code, path } = error as NodeJS.ErrnoException;
  // A TypeError is the reader's own, at a file that is none of Temporal's.
  const why =
    error instanceof TypeError || !(error instanceof Error)
      ? 'expected a file of [profile.NAME] tables'
      : error.message.split('\n')[0];
  if (path === undefined)
    return new InvalidInput(
      'environment',
      `TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE or another TEMPORAL_ variable is wrong: ${why}`,
      { cause: error },
    );
  const [variable] = Object.entries(inherited).find(
    ([name, value]) => name.startsWith('TEMPORAL_') && value === path,
  ) ?? [path === temporalConfigFile ? 'TEMPORAL_CONFIG_FILE' : 'TEMPORAL_PROFILE'];
  return new InvalidInput(
    variable,
    `${path} cannot be read (${code}); correct the path, also where a profile names it`,
    { cause: error },
  );
}
