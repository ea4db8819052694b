// The files of the worker's image, put together by the Dockerfile's own last stage: what it copies and what npm installs there,
// without the layers below. A file it forgets is missing here too.
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { runCommand } from '../../src/local/command.js';
import { packageRoot } from '../../src/package-root.js';
import { copyOf, lastStage, type Copy } from '../deploy/dockerfile.js';

const workdir = '/app';
const npmMsMax = 300_000;

/** Makes what is /app in the image. */
export async function layOutImage(directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  for (const instruction of lastStage()) {
    if (instruction.name === 'COPY') copy(directory, copyOf(instruction));
    if (instruction.name === 'RUN' && instruction.rest.startsWith('npm ci')) await install(directory, instruction.rest);
  }
}

/** The build stage's /app is this project, built. */
function copy(directory: string, { sources, target }: Copy): void {
  for (const source of sources) {
    const from = join(packageRoot, posix.relative(workdir, posix.resolve(workdir, source)));
    if (!existsSync(from)) throw new Error(`the Dockerfile copies ${source}, and there is no ${from}`);
    const to = target.endsWith('/') ? join(directory, target, posix.basename(source)) : join(directory, target);
    cpSync(from, to, { recursive: true });
  }
}

async function install(directory: string, command: string): Promise<void> {
  const [npm, ...words] = command.split('&&')[0]!.trim().split(/\s+/);
  const installed = await runCommand(npm!, words, {
    directory,
    environment: { ...process.env, NODE_ENV: 'production' },
    timeoutMs: npmMsMax,
  });
  if (!installed.ok) throw new Error(`${command}: ${installed.failure}`);
}
