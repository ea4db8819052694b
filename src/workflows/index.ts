// The workflow bundle's entry: what a worker can run.
export { syncSource } from './sync-source.js';
