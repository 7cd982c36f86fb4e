import { describe, expect, test } from '@jest/globals';
import { parse, payloads, recordedHistories, type Found, type Recorded } from './histories.ts';
import { PERSONAL, SECRETS } from './people.ts';

/** `login@partition`, which is all that may be said of a person; groups are written the same way. */
const OF_A_PARTITION = /^[\w.-]+@(staff|otds\.admin)$/;
const MAIL_LIKE = /[^\s"'\\,;:()[\]{}<>/|=]+@[^\s"'\\,;:()[\]{}<>/|=]*[^\s"'\\,;:()[\]{}<>/|=.]/g;
/** The server's own word on an activity that was cancelled between two tries. */
const OF_THE_SERVER = '"ACTIVITY_ID_NOT_STARTED"';
/** Of this machine: paths and stack traces. */
const MACHINE = /file:\/\/|node_modules|\/(?:home|root|tmp|work|usr)\/|\n\s+at \S/;

/** What stands in a text that may not leave: personal data but `login@partition`, secrets, places. */
function leaks(text: string, secrets: readonly string[] = Object.values(SECRETS)): string[] {
  const words = [...PERSONAL, ...secrets].filter((word) => text.toLowerCase().includes(word.toLowerCase()));
  const mails = [...text.matchAll(MAIL_LIKE)].map(([found]) => found).filter((found) => !OF_A_PARTITION.test(found));
  return [...words, ...mails, ...(MACHINE.exec(text) ?? [])];
}

/** The version of the SDK is written like a mail. */
const inClear = ({ raw }: Recorded): string => raw.replaceAll(/"buildId": "@temporalio[^"]*"/g, '');

/** What an operator pasted stands in the input of that run, encrypted, and nowhere else. */
const isInput = (path: string): boolean => path.startsWith('/events/0/workflowExecutionStartedEventAttributes/input/');

async function leaksDecoded(history: Recorded): Promise<string[]> {
  const { pasted, ...planted } = SECRETS;
  const found = await payloads(history);
  return found.flatMap(({ path, text }) =>
    leaks(text, isInput(path) ? Object.values(planted) : [pasted, ...Object.values(planted)]).map(
      (leak) => `${path}: ${leak}`,
    ),
  );
}

const recorded = recordedHistories();

describe.each(recorded.map((history) => [history.name, history] as const))('%s', (_name, history) => {
  test('holds nothing in clear but codes, our own sentences and login@partition', () => {
    expect(leaks(inClear(history))).toEqual([]);
    expect(history.raw).not.toMatch(/"stackTrace": "./);
    const identities = [...history.raw.matchAll(/"identity": "([^"]*)"/g)].map(([, name]) => name);
    expect(new Set(identities)).toEqual(
      new Set(['recorder', ...identities.filter((name) => name === 'history-service')]),
    );
  });

  test('has every payload encrypted but the search attributes, which the server must read, and names of patches', async () => {
    const found = await payloads(history);
    expect(found.length).toBeGreaterThan(0);
    // The SDK writes the name of a patch past every codec.
    const readByServer = ({ path, text }: Found): boolean =>
      path.includes('/searchAttributes/') || path.includes('/details/patch-data/') || text === OF_THE_SERVER;
    expect(found.filter((one) => one.encrypted === readByServer(one))).toEqual([]);
  });

  test('holds, decoded, of people only login@partition, and no secret', async () => {
    expect(await leaksDecoded(history)).toEqual([]);
  });
});

describe('a leak would be seen', () => {
  const [history] = recorded.filter(({ name }) => name === 'onboarding.late');
  const { raw } = history!;
  const plain = (text: string): string =>
    JSON.stringify({
      metadata: { encoding: Buffer.from('json/plain').toString('base64') },
      data: Buffer.from(text).toString('base64'),
    });

  test.each(['Xanthippe', 'someone@northwind.example', 'x.y@gmail.com', SECRETS.token, '/home/someone/tenure/src'])(
    '%s in a failure',
    (text) => {
      const changed = parse('copy', raw.replace(/"message": "[^"]*"/, `"message": "Failed for ${text}."`));
      expect(changed.raw).not.toBe(raw);
      expect(leaks(inClear(changed))).not.toEqual([]);
    },
  );

  test.each(['{"label":"Zephyrine Thistlethwaite"}', '["a.b@northwind.example"]', JSON.stringify(SECRETS.password)])(
    '%s in a payload',
    async (text) => {
      const events = [{ eventType: 'x', attributes: { result: JSON.parse(plain(text)) as unknown } }];
      expect(await leaksDecoded(parse('copy', JSON.stringify({ events })))).not.toEqual([]);
    },
  );

  test('the histories know of failures, so that there was something to reduce', () => {
    expect(recorded.filter(({ raw: text }) => text.includes('UNEXPECTED')).length).toBeGreaterThan(3);
  });
});
