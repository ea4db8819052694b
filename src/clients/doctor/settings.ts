// Which settings are in force, and where each comes from. Of what is or may hold a secret, only that it is set.
import { currentEnvironment, type Config } from '../../config.js';
import { variables, type Variable } from '../../variables.js';

export interface SettingInForce {
  /** The variable that sets it. */
  readonly setting: string;
  /** Null: none. `set`: what it is is not told. */
  readonly value: string | number | null;
  /** `environment`, the file with its line and field, `default`, or `derived from …`. */
  readonly from: string;
}

/** Every setting of our own, and those that are secret or read by what we use where they are set. */
export function settingsInForce(config: Config, env: NodeJS.ProcessEnv = currentEnvironment): SettingInForce[] {
  return Object.entries(variables).flatMap(([names, variable]) => {
    const set = Object.keys(env).filter((name) => env[name] !== '' && namedBy(names)(name));
    // In small letters a proxy wins.
    set.sort((one, other) => (one > other ? -1 : 1));
    const said = set.length > 0 ? undefined : inFile(config, names);
    if (variable.inForce === undefined || variable.secret === true) {
      const named = set.map((setting) => ({ setting, value: shown(variable, env[setting]!), from: 'environment' }));
      return said === undefined ? named : [{ setting: names, value: 'set', from: said }];
    }
    const from = set.length > 0 ? 'environment' : (said ?? fromOf(variable));
    return [{ setting: set[0] ?? names, value: variable.inForce(config), from }];
  });
}

/** `/srv/events/tributary.yaml:12:5 (performance.memory)` */
function inFile({ file }: Config, name: string): string | undefined {
  const said = file?.settings.find(({ variable }) => variable === name);
  return said === undefined ? undefined : `${said.at} (${said.field})`;
}

function shown({ secret }: Variable, value: string): string {
  return secret === true ? 'set' : value;
}

function fromOf({ derivedFrom }: Variable): string {
  return derivedFrom === undefined ? 'default' : `derived from ${derivedFrom}`;
}

/** `A, B_…`: A, and all that begin with B_. Proxies are read in small letters, too. */
function namedBy(names: string): (name: string) => boolean {
  const wanted = names.split(', ');
  const isProxy = names.endsWith('_PROXY');
  return (name) =>
    wanted.some((one) => (one.endsWith('…') ? name.startsWith(one.slice(0, -1)) : name === one)) ||
    (isProxy && name === names.toLowerCase());
}
