/** `["CMD", program, argument…]`, or `["CMD-SHELL", line]`, or a bare line: as Docker has it. */
export function healthCheckArguments([kind, ...rest]: readonly string[]): string[] {
  if (kind === 'CMD') return rest;
  return ['/bin/sh', '-c', (kind === 'CMD-SHELL' ? rest : [kind, ...rest]).join(' ')];
}
