/** A refusal in AWS's own words: what the local cloud puts on the wire instead of an answer. */
export class AwsError extends Error {
  readonly status: number;
  /** Members of the error's shape beside its message, such as `AccessPointId` or `resourceIds`. */
  readonly members: Readonly<Record<string, unknown>>;

  /** @param name the error's shape name in the service model, e.g. `ClusterNotFoundException` */
  constructor(name: string, message: string, status = 400, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.members = members;
  }
}
