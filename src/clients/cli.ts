// The entry of the `tributary` command.
import { keepLoopbackDirect } from '../config.js';
import { main } from './program.js';

keepLoopbackDirect();
process.exit(await main(process.argv.slice(2)));
