// Temporal's Duration type comes from `ms`, whose canary exposes no types under nodenext: without this,
// `sleep('1 banana')` compiles.
declare module 'ms' {
  type Unit = 'ms' | 's' | 'm' | 'h' | 'd' | ' milliseconds' | ' seconds' | ' minutes' | ' hours' | ' days';
  export type StringValue = `${number}` | `${number}${Unit}`;
  export default function ms(value: StringValue): number;
}
