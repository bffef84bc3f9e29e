/** What a client needs to know of the local cloud. */
export type CloudFacts = Readonly<{
  url: string;
  region: string;
  cluster: string;
  fileSystemId: string;
  subnets: readonly string[];
}>;
