// Told where a setting is about to be used: a variable that was misspelt does nothing, and would be missed later.
import { currentEnvironment } from '../../config.js';
import { unknownText, unknownVariables } from '../../unknown-variables.js';
import type { Terminal } from '../terminal/terminal.js';

export function warnOfUnknown(terminal: Terminal): void {
  for (const unknown of unknownVariables(currentEnvironment)) terminal.note(`warning: ${unknownText(unknown)}`);
}
