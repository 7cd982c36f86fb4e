import { describe, expect, test } from '@jest/globals';
import { createLogger } from './log.ts';

function capture(secrets: string[] = []) {
  const lines: string[] = [];
  return { log: createLogger({ secrets, to: { write: (line) => void lines.push(line) } }), text: () => lines.join('') };
}

describe('the logger lets no secret out', () => {
  test('by field name, at the top and nested', () => {
    const { log, text } = capture();
    log.info({
      password: 'sekret-1',
      a: { token: 'sekret-2', headers: { authorization: 'sekret-3', cookie: 'sekret-4', 'set-cookie': 'sekret-5' } },
      OTDSTicket: 'sekret-6',
      'Auth-Token': 'sekret-7',
      login: 'ada.byrne@staff',
    });
    expect(text()).not.toContain('sekret');
    expect(text()).toContain('ada.byrne@staff');
  });

  test('in sentences and stack traces of other people’s errors', () => {
    const { log, text } = capture();
    log.error(
      {
        err: new Error(
          'refused: {"password":"sekret-1"} token=sekret-2 Bearer sekret-3 postgres://tenure:sekret-4@h/db',
        ),
      },
      'x',
    );
    expect(text()).not.toContain('sekret');
    expect(text()).toContain('postgres://tenure:[redacted]@h/db');
  });

  test('a known secret value anywhere, also where JSON escapes it', () => {
    const { log, text } = capture(['s3"kret-value']);
    log.warn({ note: 'it was s3"kret-value' }, 'and s3"kret-value again');
    expect(text()).not.toContain('kret-value');
  });
});
