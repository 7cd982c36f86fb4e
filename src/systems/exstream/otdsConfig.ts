import type { OtdsConfig } from '../../config/types.ts';
import type { ExstreamConfig } from './block.ts';

/** Only access is read and written here: which attribute is which does not matter, and no account state is written. */
const NO_ATTRIBUTES: OtdsConfig['attributes'] = {
  type: '',
  startAt: '',
  endAt: '',
  manager: '',
  email: '',
  department: '',
  region: '',
  unit: '',
  language: '',
};

/** The OTDS behind Exstream, spoken to by its own client or by that of the block. */
export function otdsConfigOf({ otds, clientId, clientSecret, mode, limits }: ExstreamConfig): OtdsConfig {
  return {
    url: new URL('/otdsws', otds.url).href,
    mode,
    clientId: otds.clientId ?? clientId,
    clientSecret: otds.clientSecret ?? clientSecret,
    partitions: otds.partitions,
    synchronised: otds.synchronised,
    attributes: NO_ATTRIBUTES,
    limits,
  };
}
