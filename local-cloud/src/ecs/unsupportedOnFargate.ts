import type { RegisterTaskDefinitionRequest } from './registerTaskDefinitionRequest.ts';

/** By the model's text, `linuxParameters` that are for EC2 alone. */
const linuxParameters = ['devices', 'maxSwap', 'sharedMemorySize', 'swappiness'];

/**
 * What the model's text says is not for Fargate, in the words that follow "do not support"; those about pidMode and
 * ipcMode are AWS's own.
 */
export function unsupportedOnFargate(request: RegisterTaskDefinitionRequest): string | undefined {
  const { pidMode, ipcMode, containerDefinitions, volumes } = request;
  if (pidMode === 'host') return "pidMode 'host'. The supported value for pidMode is 'task'";
  if (ipcMode !== undefined) return 'ipcMode';
  for (const container of containerDefinitions) {
    if (container.privileged) return 'privileged containers';
    if (container.dockerSecurityOptions?.length) return 'dockerSecurityOptions';
    if (container.resourceRequirements?.some(({ type }) => type === 'GPU')) return 'GPU resource requirements';
    const parameter = linuxParameters.find((name) => container.linuxParameters?.[name] !== undefined);
    if (parameter !== undefined) return `linuxParameters.${parameter}`;
  }
  for (const volume of volumes) {
    if (volume.host?.sourcePath !== undefined) return 'host.sourcePath';
    if (volume.dockerVolumeConfiguration !== undefined) return 'dockerVolumeConfiguration';
  }
  return undefined;
}
