/** Connections on a real slapd: TLS, bind, and what is left behind. */
import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { Client } from 'ldapts';
import { failure } from '../../../test/directory/suite.ts';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import { startLdapBench, type LdapBench } from '../../../test/support/ldapBench.ts';
import { READER } from '../../../test/support/ldapSeed.ts';
import { until } from '../../../test/support/until.ts';
import type { Directory } from '../port.ts';

const slapd = findDaemon('slapd');
const it = withDaemon(slapd);
const call = { signal: new AbortController().signal };
const ada = (directory: Directory) => directory.person('ada.byrne@staff', call);

let bench: LdapBench;
beforeAll(async () => {
  if (!('missing' in slapd)) bench = await startLdapBench(slapd);
});
beforeEach(() => bench?.reset());
afterAll(() => bench?.close());

const startTls = () => ({ url: `ldap://127.0.0.1:${bench.server.plainPort}`, startTls: true });

it('StartTLS under a private authority, before the bind', async () => {
  expect(await ada(bench.client(startTls()))).toMatchObject({ who: 'ada.byrne@staff' });
});

it('an unknown authority is refused, also where the environment would turn the check off', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  try {
    for (const way of [{}, startTls()])
      expect(await failure(ada(bench.client({ ...way, ca: undefined })))).toMatchObject({ code: 'LDAP_TLS' });
  } finally {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  }
});

it('a certificate for another name is refused', async () => {
  for (const url of [`ldaps://127.0.0.2:${bench.server.tlsPort}`, `ldap://127.0.0.2:${bench.server.plainPort}`]) {
    const way = { url, startTls: url.startsWith('ldap:') };
    const { code } = await failure(ada(bench.client(way)));
    expect(['LDAP_TLS', 'LDAP_UNREACHABLE']).toContain(code); // slapd listens on 127.0.0.1 alone
  }
});

it('a server that does not speak TLS where it should is no reason to go on without', async () => {
  const url = `ldaps://127.0.0.1:${bench.server.plainPort}`;
  const error = await failure(ada(bench.client({ url, limits: { ...bench.config.limits, requestMs: 500 } })));
  expect(error.retryable).toBe(true);
  expect(error.code).toMatch(/LDAP_(TLS|RESET|TIMEOUT)/);
});

it('plain works where it is allowed, and probe names it', async () => {
  const plain = bench.client({ url: `ldap://127.0.0.1:${bench.server.plainPort}`, allowPlain: true });
  expect(await ada(plain)).toMatchObject({ who: 'ada.byrne@staff' });
  expect((await plain.probe(call)).problems.join()).toMatch(/not encrypted/);
});

it('nothing stays open after success, error and cancellation in mid-scan', async () => {
  await ada(bench.directory);
  await failure(ada(bench.client({ password: 'env:WRONG' })));
  const stop = new AbortController();
  const scan = bench.client({}, { choices: { pageSize: 7 } }).people({ signal: stop.signal });
  const next = async () => {
    for await (const page of scan) if (page.length > 0) stop.abort();
  };
  expect(await failure(next())).toMatchObject({ code: 'LDAP_ABORTED' });
  await until('all connections to be gone', async () => (bench.proxy.open() === 0 ? true : undefined));
});

it('a refused password is not tried again for a while, another one is', async () => {
  let password = 'Wrong-S3cret!';
  const directory = bench.client({}, { secret: (ref) => (ref === 'env:LDAP_CA' ? bench.server.ca : password) });
  expect(await failure(ada(directory))).toMatchObject({ code: 'LDAP_LOGIN_REFUSED' });
  bench.proxy.after(0, 'stall');
  expect(await failure(ada(directory))).toMatchObject({ code: 'LDAP_LOGIN_REFUSED' }); // nothing was asked
  bench.proxy.heal();
  password = READER.password;
  expect(await ada(directory)).toMatchObject({ who: 'ada.byrne@staff' });
});

it('an empty password is never sent: such a bind succeeds, as nobody', async () => {
  const empty = bench.client({}, { secret: (ref) => (ref === 'env:LDAP_CA' ? bench.server.ca : '') });
  expect(await failure(ada(empty))).toMatchObject({ code: 'LDAP_LOGIN_REFUSED' });
});

it('after a restart of the server the next call binds anew', async () => {
  await ada(bench.directory);
  await bench.server.stop();
  expect(await failure(ada(bench.directory))).toMatchObject({ retryable: true });
  await bench.server.start();
  expect(await ada(bench.directory)).toMatchObject({ who: 'ada.byrne@staff' });
});

it("Tenure's user can read and cannot write", async () => {
  const reader = new Client({ url: `ldap://127.0.0.1:${bench.server.plainPort}` });
  try {
    await reader.bind(READER.dn, READER.password);
    await expect(reader.del('uid=ada.byrne,ou=people,ou=staff,dc=northwind,dc=example')).rejects.toMatchObject({
      code: 50,
    });
  } finally {
    await reader.unbind();
  }
});
