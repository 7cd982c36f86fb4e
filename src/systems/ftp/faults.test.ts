/** What a file server can answer, and what becomes of it (contract files.md, section 9). A real proftpd; the answers in question are put in its place. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { findDaemon, withDaemon } from '../../../test/support/daemons.ts';
import { openPartners, type Partners } from '../../../test/support/ftpPartners.ts';
import { PASSWORD, USER } from '../../../test/support/ftpServers.ts';
import { contentOf, readBytes } from './content.ts';
import { ftpFailure } from './errors.ts';
import { openFtp } from './ftpFiles.ts';
import { publish } from './publish.ts';
import type { Endpoint, RemoteFiles } from './remoteFiles.ts';

const proftpd = findDaemon('proftpd');
const real = withDaemon(proftpd);
let partners: Partners;
beforeAll(async () => {
  if (!('missing' in proftpd)) partners = await openPartners(proftpd);
});
beforeEach(() => partners?.reset());
afterAll(() => partners?.close());

const endpoint = (over: Partial<Endpoint> = {}): Endpoint => ({
  about: 'acme',
  protocol: 'ftp',
  host: '127.0.0.1',
  port: partners.proxy.port,
  user: USER,
  password: PASSWORD,
  stallMs: 5_000,
  ...over,
});

async function using<T>(work: (files: RemoteFiles) => Promise<T>, over: Partial<Endpoint> = {}): Promise<T> {
  const { files, close } = await openFtp(endpoint(over), new AbortController().signal);
  try {
    return await work(files);
  } finally {
    close();
  }
}
const put = (files: RemoteFiles): Promise<void> => files.put(partners.path('acme'), Readable.from([Buffer.from('x')]));
const send = (files: RemoteFiles) =>
  publish(files, partners.path('acme'), contentOf(Buffer.from('new')), { about: 'acme', replaceMode: 'overwrite' });

describe('answers of the server', () => {
  const ANSWERS: [at: RegExp, answer: string, code: string, retryable: boolean][] = [
    [/^USER/, '421 too many users', 'FTP_UNAVAILABLE', true],
    [/^PASS/, '530 no', 'FTP_CREDENTIALS', true],
    [/^PASS/, '532 account needed', 'FTP_CREDENTIALS', true],
    [/^STOR/, '425 no data connection', 'FTP_BUSY', true],
    [/^STOR/, '426 aborted', 'FTP_BUSY', true],
    [/^STOR/, '450 busy', 'FTP_BUSY', true],
    [/^STOR/, '451 error', 'FTP_BUSY', true],
    [/^STOR/, '452 full for now', 'FTP_BUSY', true],
    [/^STOR/, '550 not allowed', 'FTP_REFUSED', false],
    [/^STOR/, '552 quota', 'FTP_FULL', false],
    [/^STOR/, '553 name', 'FTP_BAD_NAME', false],
    [/^(EPSV|PASV)/, '425 no ports', 'FTP_BAD_REPLY', true],
  ];
  for (const [at, answer, code, retryable] of ANSWERS)
    real(`${answer} to ${at.source} is ${code}`, async () => {
      partners.proxy.fault = { at, how: { answer } };
      await expect(using(put)).rejects.toMatchObject({ code, retryable, message: expect.stringContaining('acme') });
    });

  real('no SIZE is a capability that is missing, not a file that is', async () => {
    partners.proxy.fault = { at: /^SIZE/, how: { answer: '502 not implemented' } };
    await expect(using((files) => files.stat(partners.path('acme')))).rejects.toMatchObject({
      code: 'FTP_UNSUPPORTED',
    });
  });

  real('a data connection to another host is refused', async () => {
    const answer = (command: string): string =>
      command.startsWith('EPSV') ? '500 no EPSV' : '227 Entering Passive Mode (192,0,2,7,10,10)';
    partners.proxy.fault = { at: /^(EPSV|PASV)/, how: { answer } };
    await expect(using(put)).rejects.toMatchObject({ code: 'FTP_OTHER_HOST' });
  });

  real('a server without TLS is not spoken to in the clear', async () => {
    partners.proxy.fault = { at: /^AUTH/, how: { answer: '502 no TLS here' } };
    await expect(using(put, { protocol: 'ftps' })).rejects.toMatchObject({ code: 'FTP_NOT_ENCRYPTED' });
    expect(partners.proxy.commands).not.toContain('PASS');
  });

  real('a download that the server calls complete and is not is found out', async () => {
    partners.proxy.fault = { at: /^SIZE/, how: { answer: '213 999999' } };
    await expect(using((files) => readBytes(files, partners.path('acme'), 'acme'))).rejects.toMatchObject({
      code: 'FTP_CHANGED',
      retryable: true,
    });
  });

  real('an upload that the server stored otherwise is never given the name', async () => {
    const before = partners.text('acme');
    partners.proxy.fault = { at: /^SIZE .*part/, how: { answer: '213 2' } };
    await expect(using(send)).rejects.toMatchObject({ code: expect.stringMatching(/^FTP_(DAMAGED|CHANGED)$/) });
    expect(partners.text('acme')).toBe(before);
  });

  real('the last step refused is a no; cut, it is unclear', async () => {
    partners.proxy.fault = { at: /^RNTO/, how: { answer: '553 name' } };
    await expect(using(send)).rejects.toMatchObject({ name: 'SystemError', code: 'FTP_BAD_NAME' });
    for (const how of ['reset', 'lose'] as const) {
      partners.reset();
      partners.proxy.fault = { at: /^RNTO/, how };
      await expect(using(send)).rejects.toMatchObject({ name: 'LostReply', code: 'FTP_RESET' });
      expect(partners.text('acme') === 'new').toBe(how === 'lose');
    }
  });

  real('names in a listing that could lead elsewhere are passed over', async () => {
    const folder = join(partners.server.home, 'hostile');
    mkdirSync(folder);
    for (const name of ['good.csv', 'back\\slash', 'tab\there', 'bell\u0007', '...', 'é ü.csv'])
      writeFileSync(join(folder, name), 'x');
    const names = (await using((files) => files.list(folder))).map(({ name }) => name);
    expect(names.sort()).toEqual(['...', 'good.csv', 'é ü.csv']);
  });
});

test('a server text never stands in an error', () => {
  const error = ftpFailure(Object.assign(new Error('530 PASS hunter2 is wrong'), { code: 530 }), 'acme');
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain('hunter2');
});
