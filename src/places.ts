// Where a program finds its Postgres and its Temporal, said in code instead of by environment variables.
import { currentEnvironment, keepLoopbackDirect, loadConfig, type Config } from './config.js';

/**
 * Where Postgres and Temporal are. What is left out is as the environment variable of the same meaning says, with its
 * default (docs/settings.md); TLS and API keys of a Temporal come from `TEMPORAL_PROFILE` or the other `TEMPORAL_…` variables.
 */
export interface Places {
  /** `postgres://user@host:port/database`; else `DATABASE_URL`. */
  readonly databaseUrl?: string | undefined;
  /** `host:port`; else `TEMPORAL_ADDRESS` or a profile. */
  readonly temporalAddress?: string | undefined;
  /** Else `TEMPORAL_NAMESPACE`, else `default`. */
  readonly temporalNamespace?: string | undefined;
  /** The task queue of the workers; else `TRIBUTARY_TASK_QUEUE`, else `tributary`. */
  readonly taskQueue?: string | undefined;
  /** A directory for clones, logs and the embedded stack, absolute or from the working directory; else `TRIBUTARY_HOME`. */
  readonly home?: string | undefined;
}

/** Throws InvalidInput that names the variable. */
export function configOf({ databaseUrl, temporalAddress, temporalNamespace, taskQueue, home }: Places): Config {
  keepLoopbackDirect();
  const said = {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_NAMESPACE: temporalNamespace,
    TRIBUTARY_TASK_QUEUE: taskQueue,
    TRIBUTARY_HOME: home,
  };
  const given = Object.entries(said).filter(([, value]) => value !== undefined);
  return loadConfig({ ...currentEnvironment, ...Object.fromEntries(given) });
}
