import type { OtdsClient } from '../otds/client.ts';
import type { Target } from '../port.ts';
import type { ExstreamConfig } from './block.ts';
import type { Carriers } from './carriers.ts';
import type { ExstreamChoices } from './choices.ts';
import type { Design } from './design.ts';

/** What the parts of this system work with. */
export type Exstream = {
  config: ExstreamConfig;
  choices: ExstreamChoices;
  carriers: Carriers;
  /** Design as the client of the whole tenant. */
  design: Design;
  /** Design as the client that is used in this domain. */
  designIn: (domain: string) => Design;
  /** The OTDS behind Exstream: people, carrying groups, the access role. */
  otds: { client: OtdsClient; target: Target };
};

/** Domains without a client of their own. */
export function sharedDomains({ config }: Exstream): string[] {
  return Object.entries(config.domains)
    .filter(([, own]) => own.clientId === undefined)
    .map(([domain]) => domain);
}
