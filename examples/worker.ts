// A worker inside a program, with parts of its own. Needs DATABASE_URL and TEMPORAL_ADDRESS; Ctrl-C ends it in order.
import { startWorker } from 'tributary-events';
import { processors } from './processor.js';
import { sources } from './source.js';
import { stages } from './stage.js';

const worker = await startWorker({ sources, stages, processors, onNote: (line) => console.error(line) });
console.log('polling');
await worker.finished;
