const printableAscii = /^[\x20-\x7e]{1,128}$/;

export function isUserId(value: unknown): value is string {
  return typeof value === 'string' && printableAscii.test(value);
}
