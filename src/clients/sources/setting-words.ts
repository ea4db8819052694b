// What a person typed after `tributary sources set`, as a change of the source: settings by name, options as options.name.
import { parseInput } from '../../domain/parse.js';
import { InvalidInput } from '../../domain/errors.js';
import { revised, type Revision } from '../../domain/source-revision.js';
import { settingNames, settingSchemas, type SettingName, type SettingsChange } from '../../domain/source-settings.js';
import type { SourceRegistry } from '../../sources/index.js';
import type { FoundSource, SourceRow } from '../../store/sources.js';
import { interval } from '../../queries/option-values.js';
import { splitWords } from '../sync/source-input.js';

/** `words`: key=value; `unset`: keys. Throws InvalidInput that names the field. */
export function revisionOfWords(words: readonly string[], unset: readonly string[]): Revision {
  const { settings: given, rest } = splitWords(words);
  if (rest.length > 0) throw new InvalidInput('settings', `found ${JSON.stringify(rest[0])}, expected key=value`);
  const twice = unset.find((name) => Object.hasOwn(given, name));
  if (twice !== undefined) throw new InvalidInput(twice, 'is set and unset; expected one of them');
  const all: [string, unknown][] = [...Object.entries(given), ...unset.map((name): [string, unknown] => [name, null])];
  if (all.length === 0) throw new InvalidInput('settings', 'are missing; expected key=value or --unset key');
  const [options, settings] = [all.filter(([name]) => isOption(name)), all.filter(([name]) => !isOption(name))];
  return {
    options: Object.fromEntries(options.map(([name, value]) => [name.slice(optionPrefix.length), value])),
    settings: Object.fromEntries(
      settings.map(([name, value]) => [settingName(name), valueOf(settingName(name), value)]),
    ) as SettingsChange,
  };
}

const optionPrefix = 'options.';

function isOption(name: string): boolean {
  return name.startsWith(optionPrefix) && name.length > optionPrefix.length;
}

function settingName(name: string): SettingName {
  const known = settingNames.find((one) => one === name);
  if (known !== undefined) return known;
  throw new InvalidInput(
    name,
    `is no setting; expected one of ${settingNames.join(', ')}, or options.<name> for an option of the source`,
  );
}

function valueOf(name: SettingName, value: unknown): unknown {
  if (value === null) return null;
  const given = name === 'pollIntervalMs' && typeof value === 'string' ? interval(name, value) : value;
  return parseInput(settingSchemas[name] as Parameters<typeof parseInput>[0], given, name);
}

/** Under the lock of the source: its origin stays. Throws InvalidInput that names the field. */
export function revisedAs(registry: SourceRegistry, revision: Revision): (found: FoundSource) => SourceRow {
  return (found) => {
    const source = registry.get(found.type);
    const { options, settings } = revised(found, revision, source.options, 'options');
    const origin = source.origin(options);
    if (origin !== found.origin) {
      throw new InvalidInput(
        'options',
        `would make it a source of ${origin}; the origin of a source (${found.origin}) is fixed, expected another id`,
      );
    }
    return { ...found, options, settings };
  };
}
