// The entry of the `tributary` command.
import { keepLoopbackDirect } from '../config.js';
import { endAtInterrupt } from './interrupt.js';
import { main } from './program.js';

keepLoopbackDirect();
endAtInterrupt();
process.exit(await main(process.argv.slice(2)));
