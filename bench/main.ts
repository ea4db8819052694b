// npm run bench -- <name> [options]; prints a table of figures, or one JSON object with --json.
import { parseArgs } from 'node:util';
import { gitBench } from './git.js';
import { throughput } from './throughput.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '200000' },
    commits: { type: 'string', default: '80000' },
    repository: { type: 'string' },
    options: { type: 'string', default: '{}' },
    json: { type: 'boolean', default: false },
  },
});

const benches: Record<string, () => Promise<object>> = {
  throughput: () => throughput(count('events')),
  git: () => gitBench(count('commits'), values.repository, JSON.parse(values.options) as object),
};

function count(name: 'events' | 'commits'): number {
  if (!/^[1-9]\d{0,8}$/.test(values[name])) refuse(`--${name}: expected a number from 1 to 999999999`);
  return Number(values[name]);
}

function refuse(problem: string): never {
  process.stderr.write(`${problem}\nusage: npm run bench -- ${Object.keys(benches).join('|')} [--events N] [--commits N] [--repository PATH] [--options JSON] [--json]\n`);
  process.exit(2);
}

const bench = benches[positionals[0] ?? ''] ?? refuse(`found ${positionals[0] ?? 'no name'}, expected the name of a bench`);
const figures = await bench();
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(20)} ${value}\n`);
process.exit(0);
