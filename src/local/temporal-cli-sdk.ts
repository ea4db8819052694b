// Process entry: lets the Temporal SDK download the official CLI into the directory given. The SDK only does so on the way to
// starting a server, and its download cannot be cancelled; a process of its own can.
import { TestWorkflowEnvironment } from '@temporalio/testing';

const [directory] = process.argv.slice(2);
if (directory === undefined) throw new Error('usage: temporal-cli-sdk.js <directory>');

const environment = await TestWorkflowEnvironment.createLocal({
  server: { executable: { type: 'cached-download', downloadDir: directory, ttl: '3650 days' } },
});
await environment.teardown();
