// Process entry for a container's health check: ends with 0 when a worker of this host has polled its task queue of late. A
// worker listens on no port, so Temporal is asked who polls; that also says whether it can be reached.
import { hostname } from 'node:os';
import proto from '@temporalio/proto';
import { keepLoopbackDirect, loadConfig, type Config } from '../config.js';
import { failureReport } from '../clients/failure-report.js';
import { connectTemporalAt } from '../local/temporal-connection.js';
import { configuredConnection } from './temporal-connection.js';

/** A poll that finds nothing lasts a minute; the time of its start is what Temporal tells. */
const polledWithinMs = 90_000;
/** Connecting and asking: together below the 10 s that the Dockerfile allows. */
const answerMsMax = 3_000;
const { TASK_QUEUE_TYPE_WORKFLOW: workflowTasks } = proto.temporal.api.enums.v1.TaskQueueType;

keepLoopbackDirect();
process.exit(await check());

async function check(): Promise<number> {
  try {
    const config = loadConfig();
    if (await polls(config)) return 0;
    process.stderr.write(
      `no worker of ${hostname()} has polled task queue ${config.taskQueue} for ${polledWithinMs / 1_000} s\n`,
    );
  } catch (error) {
    process.stderr.write(`Temporal does not say who polls: ${failureReport(error).line.replace('error: ', '')}\n`);
  }
  return 1;
}

async function polls(config: Config): Promise<boolean> {
  const { connection: how, namespace } = await configuredConnection(config);
  const connection = await connectTemporalAt({
    options: { ...how, connectTimeout: answerMsMax },
    namespace,
    isSupervised: true,
  });
  const { pollers } = await connection.withDeadline(Date.now() + answerMsMax, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: config.taskQueue },
      taskQueueType: workflowTasks,
    }),
  );
  const ours = (pollers ?? []).filter(({ identity }) => identity?.endsWith(`@${hostname()}`) === true);
  return ours.some(({ lastAccessTime }) => Date.now() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < polledWithinMs);
}
