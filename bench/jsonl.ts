// jsonl: a file of CloudEvents through the whole path, as a ratio to plain COPY of the same rows measured before and after in
// the same database; and how fast lines become events when nothing else is done.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Source } from '../src/domain/source.js';
import { jsonl } from '../src/sources/jsonl/index.js';
import { copyRateOf, type Copied } from './copy-limit.js';
import { startRig, type Rig } from './rig.js';

export interface JsonlFigures {
  readonly events: number;
  readonly bytesPerEvent: number;
  readonly eventsPerSecond: number;
  readonly copyPerSecond: number;
  readonly ratioToCopy: number;
  /** Lines made events, on one core and with nothing else. */
  readonly mappedPerSecond: number;
  readonly workerPeakMib: number | null;
}

export async function jsonlBench(events: number): Promise<JsonlFigures> {
  const rig = await startRig();
  try {
    return await measure(rig, events);
  } finally {
    await rig.close();
  }
}

async function measure(rig: Rig, events: number): Promise<JsonlFigures> {
  const [file, first] = [join(rig.home, 'events.jsonl'), join(rig.home, 'first.jsonl')];
  await write(file, events, 'bench');
  await write(first, Math.min(events, 40_000), 'first');
  const copied: Copied = {
    events,
    source: jsonl as Source,
    options: jsonl.options.parse({ path: file }),
    record: (at) => Buffer.from(line(at, 'bench')),
  };
  await rig.sync({ source: { type: 'jsonl', id: 'bench/first', options: { path: first } } });
  const copyBefore = await copyRateOf(rig.pool, 'bench/copy-before', copied);
  const { result, ms } = await rig.sync({ source: { type: 'jsonl', id: 'bench/jsonl', options: { path: file } } });
  const copyAfter = await copyRateOf(rig.pool, 'bench/copy-after', copied);
  if (result.inserted !== events) throw new Error(`expected ${events} inserted, found ${JSON.stringify(result)}`);
  const [copyPerSecond, eventsPerSecond] = [(copyBefore + copyAfter) / 2, events / (ms / 1_000)];
  return {
    events,
    bytesPerEvent: Math.round((await stat(file)).size / events),
    eventsPerSecond: Math.round(eventsPerSecond),
    copyPerSecond: Math.round(copyPerSecond),
    ratioToCopy: Math.round((100 * eventsPerSecond) / copyPerSecond) / 100,
    mappedPerSecond: mappedPerSecond(copied),
    workerPeakMib: rig.workerPeakMib(),
  };
}

async function write(path: string, events: number, name: string): Promise<void> {
  const file = createWriteStream(path);
  for (let at = 0; at < events; at += 1_000) {
    const lines = Array.from({ length: Math.min(1_000, events - at) }, (_, more) => `${line(at + more, name)}\n`);
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
}

/** As a shop would send it; keys in the order in which the specification's examples have them. */
function line(at: number, name: string): string {
  return JSON.stringify({
    specversion: '1.0',
    id: `${name}-${at}`,
    source: '/shop/orders',
    type: at % 3 === 0 ? 'com.example.order.paid' : 'com.example.order.created',
    subject: `order/${at % 99_991}`,
    time: new Date(1_767_225_600_000 + at * 40).toISOString(),
    datacontenttype: 'application/json',
    traceparent: `00-${String(at).padStart(32, '0')}-b7ad6b7169203331-01`,
    data: {
      order: at % 99_991,
      customer: `customer-${at % 997}`,
      amount: (at % 100_000) / 100,
      currency: 'EUR',
      items: [{ sku: `sku-${at % 313}`, count: (at % 4) + 1 }],
      note: 'leave at the door',
    },
  });
}

const mappedLines = 100_000;

function mappedPerSecond({ source, options, record, events }: Copied): number {
  const records = Array.from({ length: Math.min(events, mappedLines) }, (_, at) => record(at));
  const start = performance.now();
  for (const one of records) source.toEvents(one, { options, stream: null });
  return Math.round(records.length / ((performance.now() - start) / 1_000));
}
