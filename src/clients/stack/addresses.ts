// Where the parts of a stack answer, as people paste it.
import type { Stack } from '../../local/stack.js';

export interface Addresses {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly temporalUi: string | null;
  readonly temporalCli: string | null;
  readonly frontDoor: string | null;
}

export function addressesOf(stack: Stack): Addresses {
  const { temporalAddress, temporalUi, temporalCli, frontDoor, managed } = stack;
  // The embedded database's password is ours to tell; another's may be anything but.
  return {
    databaseUrl: managed === 'all' ? stack.databaseUrl : masked(stack.databaseUrl),
    temporalAddress,
    temporalUi,
    temporalCli,
    frontDoor,
  };
}

export function addressLines(stack: Stack): string[] {
  const { databaseUrl, temporalAddress, temporalUi, temporalCli, frontDoor } = addressesOf(stack);
  return [
    `Temporal UI   ${temporalUi ?? 'that of your own Temporal'}`,
    `Temporal      ${temporalAddress}`,
    ...(temporalCli === null ? [] : [`Temporal CLI  ${temporalCli} --address ${temporalAddress}`]),
    ...(frontDoor === null ? [] : [`front door    ${frontDoor}`]),
    `database      psql '${databaseUrl}'`,
  ];
}

function masked(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return url.href;
}
