// The workflow bundle: made once by `npm run build`, so that a worker starts without webpack (1.7 s and 150 MB).
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DefaultLogger, bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';
import { packageRoot } from '../package-root.js';

const bundlePath = join(packageRoot, 'dist', 'workflow-bundle.js');
const entry = join(packageRoot, 'dist', 'src', 'workflows', 'index.js');

export async function buildWorkflowBundle(): Promise<void> {
  const { code } = await bundleWorkflowCode({ workflowsPath: entry, logger: new DefaultLogger('WARN') });
  await writeFile(bundlePath, code);
}

/** The prebuilt bundle; a checkout that was never built makes one from source. */
export async function workflowBundle(): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  if (existsSync(bundlePath)) return { codePath: bundlePath };
  return bundleWorkflowCode({ workflowsPath: join(packageRoot, 'src', 'workflows', 'index.ts') });
}
