// npm run bench -- <name> [options]; prints a table of figures, or one JSON object with --json.
import { parseArgs } from 'node:util';
import { keepLoopbackDirect } from '../src/config.js';
import { apiLogBench } from './api-log.js';
import { eventsBench } from './events.js';
import { filesystemBench } from './filesystem.js';
import { followers } from './followers.js';
import { gitBench } from './git.js';
import { historiesBench } from './histories.js';
import { logFormatsBench } from './log-formats.js';
import { jsonlBench } from './jsonl.js';
import { many } from './many.js';
import { operation } from './operation.js';
import { hookBench } from './hook.js';
import { recordBench } from './record.js';
import { recovery } from './recovery.js';
import { stateBench } from './state.js';
import { streamBench } from './stream.js';
import { throughput } from './throughput.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '200000' },
    sources: { type: 'string' },
    commits: { type: 'string' },
    files: { type: 'string' },
    seconds: { type: 'string' },
    rows: { type: 'string' },
    repository: { type: 'string' },
    options: { type: 'string', default: '{}' },
    json: { type: 'boolean', default: false },
  },
});

const benches: Record<string, () => Promise<object>> = {
  throughput: () => throughput(count('events')),
  'api-log': () => apiLogBench(count('events'), count('sources', '200'), count('seconds', '10')),
  events: () => eventsBench(count('events')),
  filesystem: () => filesystemBench(count('files', '100000')),
  followers: () => followers(count('sources', '500'), count('seconds', '120')),
  git: () => gitBench(count('commits', '80000'), values.repository, JSON.parse(values.options) as object),
  histories: () =>
    historiesBench(
      values.repository ?? refuse('--repository: expected the path of a repository'),
      JSON.parse(values.options) as object,
    ),
  jsonl: () => jsonlBench(count('events')),
  hook: () => hookBench(count('commits', '50')),
  'log-formats': () => logFormatsBench(count('rows', '1000000')),
  many: () => many(count('sources', '10'), count('events')),
  operation: () => operation(count('commits', '30')),
  record: () => recordBench(count('events')),
  recovery: () => recovery(count('events'), JSON.parse(values.options) as Record<string, string>),
  state: () => stateBench(count('rows', '1000000')),
  stream: () => streamBench(count('events')),
};

function count(name: 'events' | 'commits' | 'files' | 'seconds' | 'sources' | 'rows', otherwise = ''): number {
  const given = values[name] ?? otherwise;
  if (!/^[1-9]\d{0,8}$/.test(given)) refuse(`--${name}: expected a number from 1 to 999999999`);
  return Number(given);
}

function refuse(problem: string): never {
  process.stderr.write(
    `${problem}\nusage: npm run bench -- ${Object.keys(benches).join('|')} [--events N] [--sources N] [--seconds N] [--commits N] [--files N] [--rows N] [--repository PATH] [--options JSON] [--json]\n`,
  );
  process.exit(2);
}

const bench =
  benches[positionals[0] ?? ''] ?? refuse(`found ${positionals[0] ?? 'no name'}, expected the name of a bench`);
keepLoopbackDirect();
const figures = await bench();
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(24)} ${value}\n`);
process.exit(0);
