import { defineSystem } from '../system.ts';
import { block } from './config.ts';
import { dialectOf } from './dialect.ts';
import { createLdap } from './ldap.ts';

export const ldapSystem = defineSystem({
  name: 'ldap',
  block,
  check(ldap, report) {
    const encrypted = ldap.url.startsWith('ldaps:');
    if (encrypted && ldap.startTls)
      report(['startTls'], 'ldaps:// is TLS already: leave startTls out, or say ldap://.');
    if (!encrypted && !ldap.startTls && !ldap.allowPlain)
      report(
        ['url'],
        'ldap:// without TLS shows the password to everybody on the way: use ldaps://, startTls or, for tests, allowPlain.',
      );
    const names = ldap.partitions.map(({ name }) => name.toLowerCase());
    for (const [index, name] of names.entries())
      if (names.indexOf(name) !== index) report(['partitions', index, 'name'], `There are two partitions "${name}".`);
    const { attributes } = dialectOf(ldap);
    for (const name of ldap.also)
      if (Object.values(attributes).includes(name)) report(['also'], `"${name}" is a field already.`);
  },
  create: (config, deps) => ({ directory: createLdap(config, deps), close: async () => {} }),
});
