/** A subnet, in the zone that both its tasks and its mount target are in. */
type Subnet = Readonly<{ id: string; zoneName: string; zoneId: string }>;

/** The one network that there is. */
export type Network = Readonly<{ vpcId: string; subnets: readonly Subnet[]; securityGroups: readonly string[] }>;

const zoneLetters = 'abcdef';

/** The subnets lie in the Region's zones in turn. */
export function createNetwork(
  region: string,
  {
    vpcId,
    subnets,
    securityGroups,
  }: Readonly<Record<'subnets' | 'securityGroups', readonly string[]> & { vpcId: string }>,
): Network {
  return {
    vpcId,
    securityGroups,
    subnets: subnets.map((id, index) => {
      const zone = index % zoneLetters.length;
      return { id, zoneName: `${region}${zoneLetters[zone]}`, zoneId: `${shortRegion(region)}-az${zone + 1}` };
    }),
  };
}

/** As in the ids of zones: `us-east-1` is `use1`, `ap-northeast-2` is `apne2`. */
function shortRegion(region: string): string {
  const [area = '', ...rest] = region.split('-');
  return (
    area +
    rest.map((part) => part.replace(/^(north|south)(east|west)$/, '$1 $2').replace(/(\w)[a-z]*\s*/g, '$1')).join('')
  );
}
