// The Temporal in use: whether it answers, knows our search attributes, and has workers that poll.
import type { Client, Connection } from '@temporalio/client';
import type { Config } from '../../config.js';
import { limits } from '../../limits.js';
import type { Stack } from '../../local/stack.js';
import { missingSearchAttributes } from '../../workers/search-attributes.js';
import { connectTemporal } from '../stack/connect.js';
import { failureReport } from '../failure-report.js';
import { fail, ok, warn, type Finding } from './finding.js';

type Server = Pick<Stack, 'temporalAddress' | 'temporalNamespace'>;

export async function temporalFindings(config: Config, stack: Server): Promise<Finding[]> {
  let client: Client | undefined;
  try {
    client = await connectTemporal(config, stack, limits.quickAnswerMs);
    const connected = client;
    return await connected.connection.withDeadline(Date.now() + limits.quickAnswerMs, async () => [
      await server(connected, stack),
      await attributes(connected),
      await workers(connected, config),
    ]);
  } catch (error) {
    return [
      fail(
        'temporal',
        failureReport(error).line.replace('error: ', ''),
        'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE or the profile.',
      ),
    ];
  } finally {
    await client?.connection.close();
  }
}

async function server({ connection, options: { namespace } }: Client, { temporalAddress }: Server): Promise<Finding> {
  const { serverVersion } = await connection.workflowService.getSystemInfo({});
  await connection.workflowService.describeNamespace({ namespace });
  return ok('temporal', `server ${serverVersion} at ${temporalAddress}, namespace ${namespace}`);
}

async function attributes({ connection, options: { namespace } }: Client): Promise<Finding> {
  const missing = Object.keys(await missingSearchAttributes(connection as Connection, namespace));
  if (missing.length === 0) return ok('search attributes', 'all are there');
  return warn(
    'search attributes',
    `${missing.join(', ')} missing`,
    `A worker adds them when it may; otherwise run \`temporal operator search-attribute create --name ${missing[0]} --type ${missing[0] === 'TributaryEvents' ? 'Int' : 'Keyword'}\`. Syncs work without.`,
  );
}

const queueTypes = { workflows: 1, activities: 2 } as const;

async function workers({ connection, options: { namespace } }: Client, { taskQueue }: Config): Promise<Finding> {
  const polling = await Promise.all(
    Object.values(queueTypes).map(
      async (taskQueueType) =>
        (
          await connection.workflowService.describeTaskQueue({
            namespace,
            taskQueue: { name: taskQueue },
            taskQueueType,
          })
        ).pollers ?? [],
    ),
  );
  const names = new Set(polling.flat().map(({ identity }) => identity ?? 'unnamed'));
  if (polling.every((pollers) => pollers.length > 0))
    return ok(
      'workers',
      `${names.size} polled the task queue ${taskQueue} in the last minutes (${[...names].join(', ')})`,
    );
  return warn(
    'workers',
    `none polls the task queue ${taskQueue}`,
    'Start one with `tributary worker` (beside your own servers) or `tributary up`; until then syncs wait.',
  );
}
