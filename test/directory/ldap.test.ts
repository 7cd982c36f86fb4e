import { directorySuite } from './suite.ts';
import { findDaemon } from '../support/daemons.ts';
import { ldapDirectory } from './ldapDirectory.ts';

const slapd = findDaemon('slapd');

directorySuite('OpenLDAP', 'missing' in slapd ? slapd : () => ldapDirectory(slapd, 'openldap'));
