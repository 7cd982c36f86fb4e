/**
 * Active Directory's attributes, not Active Directory: OpenLDAP with Microsoft's schema (`msuser.schema`) and the two attributes of AD's root. What
 * slapd does not do (portions of members, numbers that count by themselves) is played or tested with recorded shapes.
 */
import { directorySuite } from './suite.ts';
import { findDaemon } from '../support/daemons.ts';
import { ldapDirectory } from './ldapDirectory.ts';

const slapd = findDaemon('slapd');

directorySuite(
  "Active Directory's attributes",
  'missing' in slapd ? slapd : () => ldapDirectory(slapd, 'activeDirectory'),
);
