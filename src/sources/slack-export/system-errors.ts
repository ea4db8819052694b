// What the operating system says of a file, told apart from what is wrong with its contents.

export function isSystem(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string';
}

/** A person must act; trying again does not help. */
export function isRefusedBySystem(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return isSystem(error) && ['EACCES', 'EPERM', 'ELOOP', 'ENXIO'].includes(error.code);
}
