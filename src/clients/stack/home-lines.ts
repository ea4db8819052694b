// The home as `status` and `up` tell it: which one, why, and which others a person may have meant.
import type { Config } from '../../config.js';
import type { HomePlace } from '../../home-place.js';

const whyText = {
  given: 'TRIBUTARY_HOME',
  found: 'found from here upwards',
  user: "this user's; none is here or above",
} as const satisfies Record<HomePlace['why'], string>;

export function homeLines({ homePlace: { path, why, others } }: Pick<Config, 'homePlace'>): string[] {
  return [
    `home          ${path} (${whyText[why]})`,
    ...others.map((other) => `              ${other} is another, not used here; TRIBUTARY_HOME names one`),
  ];
}

export function homeItem({ homePlace: { path, why, others } }: Pick<Config, 'homePlace'>) {
  return { home: path, homeWhy: why, otherHomes: others };
}
