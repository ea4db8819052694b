// The command that takes what programs give.
import { declared, type Declare, type Shared } from './declaration.js';
import type { RecordWords } from './commands/record.js';

export const record: Declare = (program, act) => {
  declared(
    program,
    'record',
    'store the events of a program, a JSON object a line, from standard input; docs/sources/program.md',
    'record shop/orders < orders.jsonl',
  )
    .argument('<id>', 'name of the source; made with its first events')
    .option('--versions <order>', 'how versions of an entity follow each other: number, time or text')
    .action((id: string, options: Shared & RecordWords) =>
      act(options)(async (command) => (await import('./commands/record.js')).recordCommand(command, id, options)),
    );
};
