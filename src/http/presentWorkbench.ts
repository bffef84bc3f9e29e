import type { WorkbenchView } from '../workbench/WorkbenchView.ts';

/** A workbench as callers see it. @param baseUrl without a trailing slash */
export function presentWorkbench({ workbench, status, stoppedReason }: WorkbenchView, baseUrl: string): object {
  return {
    user_id: workbench.userId,
    workbench_id: workbench.id,
    workbench_name: workbench.name,
    status,
    public_endpoint: `${baseUrl}/${workbench.id}`,
    requested_cpu: workbench.size.cpu,
    requested_memory: workbench.size.memory,
    created_at: workbench.createdAt.toISOString(),
    ...(stoppedReason ? { stopped_reason: stoppedReason } : {}),
  };
}
