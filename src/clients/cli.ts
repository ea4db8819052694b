// The entry of the `tributary` command.
import { keepLoopbackDirect } from '../config.js';
import { endAtInterrupt } from './interrupt.js';
import { main } from './program.js';
import { endWhereUnwritable } from './terminal/terminal.js';

keepLoopbackDirect();
endAtInterrupt();
endWhereUnwritable();
const exitCode = await main(process.argv.slice(2));
// That standard output could not be written is told in the next turn, and is an exit code of its own.
await new Promise((resolve) => setImmediate(resolve));
process.exit(exitCode);
