import { type Finding, failed, ok, warning } from './Finding.ts';
import { arnOf, type Target } from './Target.ts';

const ecr = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws)\//;
const host = '(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::\\d{1,5})?/)?';
const path = '[a-z0-9]+(?:(?:\\.|_{1,2}|-+|/)[a-z0-9]+)*';
const name = new RegExp(`^${host}${path}(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/** @param account that the tasks run in, where it is known */
export function imageFindings(target: Target, account: string | undefined): Finding[] {
  return target.images.flatMap((image) => findingsOf(image, target, account));
}

function findingsOf(
  image: string,
  { region, executionRoleArn, local }: Target,
  account: string | undefined,
): Finding[] {
  if (!name.test(image)) {
    const remedy = 'Correct WB_IMAGE, or WB_PROFILES: registry/repository:tag, the repository in lower case';
    return [failed('image', `${image} is no image name`, remedy)];
  }
  const [, owner, imageRegion] = ecr.exec(image) ?? [];
  if (local || owner === undefined) return [ok('image', `${image} is a plausible name`)];
  if (executionRoleArn === undefined) {
    const remedy = 'Set ECS_EXECUTION_ROLE_ARN to a role with AmazonECSTaskExecutionRolePolicy';
    return [failed('image', `${image} is in ECR, and nobody has the right to pull it`, remedy)];
  }
  if (imageRegion !== region) {
    const remedy = `Replicate the repository to ${region}: pulls get quicker and cost no transfer`;
    return [warning('image', `${image} is pulled from another Region than ${region}`, remedy)];
  }
  if (account !== undefined && account !== owner) {
    const remedy = `Its repository policy has to let account ${account} pull`;
    return [warning('image', `${image} belongs to another account`, remedy)];
  }
  return [ok('image', `${image} is a plausible name, in this Region and account`)];
}

/** @param clusterArn as ECS answers it */
export function roleFindings(
  { executionRoleArn, taskRoleArn, logGroup }: Target,
  clusterArn: string | undefined,
): Finding[] {
  const findings: Finding[] = [];
  const account = arnOf(clusterArn ?? '')?.account;
  if (taskRoleArn === undefined) {
    const remedy = 'Set ECS_TASK_ROLE_ARN to a role with docs/task-role-policy.json';
    findings.push(
      warning('roles', 'without a task role no file system policy can tell the workbenches from others', remedy),
    );
  }
  if (executionRoleArn === undefined && logGroup !== undefined) {
    const remedy = 'Set ECS_EXECUTION_ROLE_ARN to a role with AmazonECSTaskExecutionRolePolicy';
    findings.push(failed('roles', 'WB_LOG_GROUP needs an execution role that may write there', remedy));
  }
  const given = [executionRoleArn, taskRoleArn].flatMap((arn) => arn ?? []);
  const foreign = given.filter((arn) => account !== undefined && arnOf(arn)?.account !== account);
  if (foreign.length > 0) {
    const remedy = 'ECS assumes roles of its own account only: correct ECS_EXECUTION_ROLE_ARN, ECS_TASK_ROLE_ARN';
    findings.push(failed('roles', `${foreign.join(', ')}: not of account ${account}`, remedy));
  } else if (given.length > 0) {
    const remedy = 'Their trust policies have to name ecs-tasks.amazonaws.com, and iam:PassRole has to allow them';
    findings.push(warning('roles', 'whether ECS may assume them is not to be seen from here', remedy));
  }
  return findings;
}
