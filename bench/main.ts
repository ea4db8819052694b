// npm run bench -- <name> [--events N] [--json]
import { parseArgs } from 'node:util';
import { throughput } from './throughput.js';

const benches: Record<string, (events: number) => Promise<object>> = { throughput };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { events: { type: 'string', default: '200000' }, json: { type: 'boolean', default: false } },
});
const bench = benches[positionals[0] ?? ''];
if (bench === undefined || !/^[1-9]\d{0,8}$/.test(values.events)) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--events N] [--json]\n`);
  process.exit(2);
}
const figures = await bench(Number(values.events));
if (values.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else for (const [name, value] of Object.entries(figures)) process.stdout.write(`${name.padEnd(20)} ${value}\n`);
process.exit(0);
