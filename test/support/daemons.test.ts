import { afterEach, expect } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  daemonFolder,
  daemonTool,
  findDaemon,
  freePort,
  makeCertificate,
  removeDaemonFolder,
  startDaemon,
  withDaemon,
} from './daemons.ts';

let folder = '';
afterEach(() => removeDaemonFolder(folder));

withDaemon(findDaemon('slapd'))('slapd is filled by slapadd, serves ldap, and ends when told to', async (slapd) => {
  folder = daemonFolder('slapd');
  const { cert, key } = makeCertificate(slapd, folder);
  mkdirSync(join(folder, 'db'));
  const config = [
    `include ${slapd.root}/etc/ldap/schema/core.schema`,
    `modulepath ${slapd.root}/usr/lib/ldap`,
    'moduleload back_mdb',
    `TLSCertificateFile ${cert}`,
    `TLSCertificateKeyFile ${key}`,
    'database mdb',
    'suffix "dc=example"',
    `directory ${folder}/db`,
  ];
  const file = join(folder, 'slapd.conf');
  writeFileSync(file, `${config.join('\n')}\n`);
  const entry = 'dn: dc=example\nobjectClass: organization\nobjectClass: dcObject\no: Example\ndc: example\n';
  const added = spawnSync(slapd.program, ['-q', '-f', file], { argv0: 'slapadd', env: slapd.env, input: entry });
  expect(added.stderr.toString()).toBe('');
  const port = await freePort();
  const running = await startDaemon(slapd, {
    args: ['-d', '0', '-f', file, '-h', `ldap://127.0.0.1:${port}`],
    ports: [port],
    folder,
  });
  const search = ['-x', '-H', `ldap://127.0.0.1:${port}`, '-b', 'dc=example', 'o=Example', 'o'];
  const found = spawnSync(daemonTool(slapd, 'ldapsearch'), search, { env: slapd.env, encoding: 'utf8' });
  expect(found.stdout).toContain('o: Example');
  await running.stop();
  expect(() => process.kill(running.pid, 0)).toThrow('ESRCH');
});
