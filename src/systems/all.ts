import { cloudinarySystem } from './cloudinary/system.ts';
import { exstreamSystem } from './exstream/system.ts';
import { ftpSystem } from './ftp/system.ts';
import { iconikSystem } from './iconik/system.ts';
import { ldapSystem } from './ldap/system.ts';
import { otdsSystem } from './otds/system.ts';
import { pushSystem } from './push/system.ts';
import type { SystemModule, Vocabulary } from './system.ts';

/** Every system that Tenure knows; a new one is a folder beside these and a line here. Configuration and policy reader take theirs from it. */
export const allSystems: readonly SystemModule[] = [
  otdsSystem,
  iconikSystem,
  cloudinarySystem,
  exstreamSystem,
  ldapSystem,
  ftpSystem,
  pushSystem,
];

/** What a policy can name, by system: those where something can be held. */
export const knownSystems: Readonly<Record<string, Vocabulary>> = Object.fromEntries(
  allSystems.flatMap(({ name, vocabulary }) => (Object.keys(vocabulary.kinds).length > 0 ? [[name, vocabulary]] : [])),
);
