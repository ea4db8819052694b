// What Tributary loads where TRIBUTARY_EXTENSIONS names this package.
import { processorsOf } from './processors.js';
import { doorbell } from './source.js';

export const sources = [doorbell];
export const processors = processorsOf();
