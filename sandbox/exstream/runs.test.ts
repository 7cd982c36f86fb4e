import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { held } from './coverageRuns.ts';
import type { Condition } from './state.ts';
import { holds, variable } from './rules/routing.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { PROD, endTrials, startTrial } from './trial.ts';

/** Sections 5, 6 and 10: submits, releases, routing by attributes, clean-up. */

let t: Trial;
beforeEach(async () => {
  t = await startTrial();
});
afterEach(endTrials);

const RUN = `/runtime/${PROD}`;

async function rows(what: string, filter = ''): Promise<Item[]> {
  return (await t.orc('GET', `${RUN}/${what}?filter=${filter}`)).body.data;
}

type Render = { communication: string; count: number; jobs: string[] };
async function renders(): Promise<Render[]> {
  return Object.values(await t.control<Record<string, Render>>('GET', '/state/renders'));
}

describe('held runs', () => {
  test('one approved letter = one render, whoever releases twice', async () => {
    const { job, instance, step } = await held(t);
    expect(await renders()).toEqual([]);
    const release = (): Promise<Answer> =>
      t.orc('POST', `${RUN}/flow-steps/${step.id}/release`, { as: 'grace.lee@staff' });
    expect((await release()).text).toBe('OK');
    const again = await release();
    expect([again.status, again.headers.get('x-standin-chosen')]).toEqual([409, 'STOP_RELEASE']);
    expect(await renders()).toMatchObject([{ communication: 'Welcome Letter', count: 1, jobs: [job.id] }]);
    expect((await t.orc('GET', `${RUN}/jobs/${job.id}`)).body.data.status).toBe('complete');
    const steps = await rows('flow-steps', `flowInstanceId:${instance.id}`);
    expect(steps.map((one) => [one.stepType, one.status])).toEqual([
      ['input', 'complete'],
      ['hold', 'complete'],
      ['communication', 'complete'],
      ['output', 'complete'],
    ]);
  });

  test('a reviewer may not release, nor an author', async () => {
    const { instance } = await held(t);
    const by = (as: string): Promise<Answer> => t.orc('POST', `${RUN}/flow-instances/${instance.id}/release`, { as });
    expect((await by('ada.byrne@staff')).status).toBe(403);
    expect((await by('grace.lee@staff')).status).toBe(200);
  });

  test('a stopped run is never rendered', async () => {
    const { job, instance } = await held(t);
    await t.orc('POST', `${RUN}/jobs/${job.id}/stop`);
    expect((await t.orc('POST', `${RUN}/flow-instances/${instance.id}/release`)).status).toBe(409);
    expect((await t.orc('POST', `${RUN}/jobs/${job.id}/stop`)).status).toBe(409);
    expect(await renders()).toEqual([]);
  });

  test('a job holds as long as one of its instances does', async () => {
    const { job, instance } = await held(t);
    await t.orc('POST', `${RUN}/jobs/${job.id}/reprocessing`);
    const status = async (): Promise<string> => (await t.orc('GET', `${RUN}/jobs/${job.id}`)).body.data.status;
    const seen: string[] = [];
    for (const { id } of [instance, ...(await rows('flow-instances', `jobId:${job.id}`)).slice(1)]) {
      await t.orc('POST', `${RUN}/flow-instances/${id}/release`);
      seen.push(await status());
    }
    expect(seen).toEqual(['holding', 'complete']);
  });

  test('HOLD_SERVICES can be chosen to run through', async () => {
    await t.choose('HOLD_SERVICES', 'complete');
    await t.submit('Welcome Letter', 'WelcomeDriver', { service: 'held-letters' });
    expect(await renders()).toMatchObject([{ count: 1 }]);
  });
});

describe('routing by attributes of the driver data', () => {
  const channel = async (data: unknown, headers: Record<string, string> = {}): Promise<string | undefined> => {
    await t.submit('Welcome Letter', 'WelcomeDriver', { service: 'routed-letters', data, headers });
    return (await rows('flow-steps', 'stepTypes:output')).at(-1)?.displayName;
  };

  test.each([
    ['EMEA', 'de', 'E-mail EMEA'],
    ['EMEA', 'en', 'Print EMEA'],
    ['Americas', 'en', 'E-mail Americas'],
    ['APAC', 'ja', 'Archive'],
  ])('region %s and language %s go to %s', async (region, language, where) => {
    expect(await channel({ recipient: { region, language } })).toBe(where);
  });

  test('XML is read alike, and a header counts when headers become variables', async () => {
    const type = { 'content-type': 'application/xml' };
    expect(
      await channel(
        '<d:letter xmlns:d="x"><d:recipient a="1"><d:region>Americas</d:region></d:recipient></d:letter>',
        type,
      ),
    ).toBe('E-mail Americas');
    expect(await channel({}, { 'recipient.region': 'Americas' })).toBe('E-mail Americas');
    await t.choose('HEADERS_BECOME_VARIABLES', false);
    expect(await channel({}, { 'recipient.region': 'Americas' })).toBe('Archive');
  });

  test('the steps tell the branch that was taken; the headers of a schedule route too', async () => {
    const [nightly] = (await t.orc('GET', `/cron-jobs/${PROD}`)).body.data;
    await t.orc('POST', `/cron-jobs/${PROD}/${nightly?.id}/trigger`);
    const deciders = await rows('flow-steps', 'stepTypes:decider');
    expect(deciders.map((one) => [one.displayName, one.msg])).toEqual([
      ['Region of the recipient', 'EMEA'],
      ['Language of the recipient', 'otherwise'],
    ]);
  });

  test('where no branch fits the run ends filtered, without a render', async () => {
    const saved = await t.control<{
      flowModels: Record<string, { service: string; nodes: { id: string; connections: object[] }[] }>;
    }>('GET', '/state');
    for (const model of Object.values(saved.flowModels)) {
      const region = model.nodes.find((node) => node.id === 'region');
      region?.connections.pop();
    }
    await t.control('PUT', '/state', saved);
    const reply = await t.submit('Welcome Letter', 'WelcomeDriver', { service: 'routed-letters' });
    expect(reply.headers.get('x-standin-chosen')).toContain('NO_ROUTE');
    expect((await rows('flow-steps', 'statuses:filtered')).length).toBe(1);
    expect(await renders()).toEqual([]);
  });

  const condition = (
    operator: Condition['operator'],
    value: string,
    datatype: Condition['datatype'] = 'string',
  ): Condition => ({
    type: 'variable',
    name: 'x',
    operator,
    datatype,
    value,
    values: value.split(','),
  });
  test.each<[Condition['operator'], string, Condition['datatype'], string | undefined, boolean]>([
    ['EQ', 'a', 'string', 'a', true],
    ['NEQ', 'a', 'string', 'a', false],
    ['LT', '10', 'numeric', '9', true],
    ['LT', '10', 'string', '9', false],
    ['LTE', '10', 'numeric', '10', true],
    ['GT', '10', 'numeric', '9', false],
    ['GTE', '10', 'numeric', '10', true],
    ['IN', 'a,b', 'string', 'b', true],
    ['NIN', 'a,b', 'string', 'c', true],
    ['NL', '', 'string', undefined, true],
    ['NN', '', 'string', undefined, false],
    ['EQ', 'a', 'string', undefined, false],
  ])('%s %s (%s) of %s is %s', (operator, value, datatype, given, is) => {
    expect(holds(condition(operator, value, datatype), given)).toBe(is);
  });

  test('a variable is a dotted path; an object is none', () => {
    const input = {
      communicationId: '',
      service: '',
      mimeType: 'application/json',
      headers: {},
      body: '{"a":{"b":7}}',
    };
    expect([variable(input, 'a.b', false), variable(input, 'a', false), variable(input, 'a.c', false)]).toEqual([
      '7',
      undefined,
      undefined,
    ]);
  });
});

describe('submits', () => {
  test('the reply carries no job id and no client reference; the job is found by day, mode and user', async () => {
    const reply = await t.submit('Welcome Letter', 'WelcomeDriver', { headers: { 'x-reference': 'case 7' } });
    const [job] = await rows('jobs', 'mode:ONDEMAND;triggeredBy:tenure@OAuthClients');
    expect(job).toMatchObject({ externalId: '', status: 'complete', channel: 'generate' });
    expect(reply.text.includes(job?.id ?? 'x')).toBe(false);
    await t.choose('EXTERNAL_ID_HEADER', 'x-reference');
    await t.submit('Welcome Letter', 'WelcomeDriver', { headers: { 'x-reference': 'case 8' } });
    expect(await rows('jobs', 'externalId:case 8')).toHaveLength(1);
  });

  test('ONDEMAND_LEAVES_JOB false, or the special fault noJob: a render without a job', async () => {
    await t.special('noJob');
    await t.submit('Welcome Letter', 'WelcomeDriver');
    await t.choose('ONDEMAND_LEAVES_JOB', false);
    await t.submit('Welcome Letter', 'WelcomeDriver');
    expect([await rows('jobs'), await renders()]).toMatchObject([[], [{ count: 2, jobs: [] }]]);
  });

  test('Accept: absent or a list gives the envelope, one exact type the bare file', async () => {
    const accept = (type: string): Promise<Answer> =>
      t.submit('Welcome Letter', 'WelcomeDriver', { headers: { accept: type } });
    const list = await accept('application/json, application/*+json');
    expect(list.body.data[0]).toMatchObject({ mimeType: 'application/pdf' });
    const pdf = await accept('application/pdf');
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    expect(Buffer.from(list.body.data[0]?.content ?? '', 'base64').equals(pdf.bytes)).toBe(true);
  });

  test('an Empower communication gives a document id, in the envelope inside its content', async () => {
    const headers = { empowerUser: 'empower@OAuthClients' };
    const [one] = (await t.submit('Agency Statement', 'StatementDriver', { headers })).body.data;
    expect(one?.mimeType).toBe('application/vnd.exstream-empower');
    const inner = JSON.parse(Buffer.from(one?.content ?? '', 'base64').toString()) as { documentId: string };
    const documents = await t.control<object>('GET', '/state/documents');
    expect(Object.keys(documents)).toEqual([inner.documentId]);
  });

  test.each([
    ['no communicationId', { communicationId: '' }, 400],
    ['an unknown communication', { communicationId: 'x' }, 404],
    ['a wrong driver', { driverDataSource: 'x' }, 400],
  ])('%s is refused and nothing rendered', async (_what, headers, status) => {
    const reply = await t.submit('Welcome Letter', 'WelcomeDriver', { headers });
    expect([reply.status, reply.body.status]).toEqual([status, 'error']);
    expect((await t.submit('Rights Clearance Letter', 'ClearanceDriver')).status).toBe(404); // not approved yet
    expect((await t.submit('Welcome Letter', 'WelcomeDriver', { service: 'none' })).status).toBe(404);
    expect(await renders()).toEqual([]);
  });

  test('batch input has no path until one is chosen', async () => {
    const { id } = await t.asset(PROD, 'Welcome Letter');
    const headers = { communicationId: id, driverDataSource: 'WelcomeDriver' };
    const send = (): Promise<Answer> => t.orc('POST', `/inputs/batch/${PROD}/plain-letters`, { body: {}, headers });
    expect((await send()).status).toBe(404);
    await t.choose('BATCH', '/orchestration/api/v1/inputs/batch/{domain}/{service}');
    expect((await send()).text).toBe('{"status":"success"}');
    expect(await rows('jobs', 'mode:BATCH')).toHaveLength(1);
  });
});

describe('clean-up', () => {
  test('finished jobs expire after a day of the clock; held ones do not', async () => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    const [job] = await rows('jobs');
    const step = (await rows('flow-steps', 'stepTypes:output'))[0];
    const { job: heldJob } = await held(t);
    await t.control('POST', '/clock', { advance: 86_401 });
    t.forget();
    expect((await rows('jobs')).map((one) => one.id)).toEqual([heldJob.id]);
    expect((await t.orc('GET', `${RUN}/jobs/${job?.id}`)).status).toBe(404);
    expect((await t.orc('GET', `${RUN}/flow-steps/${step?.id}/delivery-file`)).status).toBe(404);
    const all = (await t.orc('GET', `${RUN}/jobs?fetchDeleted=true`)).body.data;
    expect(all.find((one) => one.id === job?.id)?.status).toBe('deleted');
    expect((await t.orc('POST', `${RUN}/jobs/${job?.id}/reprocessing`)).status).toBe(409);
  });

  test('special fault jobExpired: gone before it is collected', async () => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    const [job] = await rows('jobs');
    await t.special('jobExpired');
    expect((await t.orc('GET', `${RUN}/jobs/${job?.id}`)).status).toBe(404);
  });

  test('a markDeleted schedule clears finished jobs away', async () => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    const cleanUp = (await t.orc('GET', `/cron-jobs/${PROD}`)).body.data[1];
    await t.orc('POST', `/cron-jobs/${PROD}/${cleanUp?.id}/trigger`);
    expect(await rows('jobs')).toEqual([]);
  });
});

test('the service gateway refuses without name or version, or without a ticket', async () => {
  const login = { userName: 'tenantadmin@exstream.role', password: 'exstream-sandbox' };
  const path = '/otdstenant/t5/otdsws/rest/authentication/credentials';
  const { ticket } = (await t.raw('POST', path, { as: null, body: login })).body;
  const send = (query: string, headers: Record<string, string>): Promise<Answer> =>
    t.raw('POST', `/t5/sgw/v1/communications${query}`, { as: null, body: '<root/>', headers });
  expect((await send('?name=letter', { OTDSTicket: ticket })).status).toBe(400);
  expect((await send('?name=letter&version=1', {})).status).toBe(401);
  expect((await send('?name=letter&version=1', { authorization: `Bearer ${ticket}` })).status).toBe(401);
  const reply = await send('?name=letter&version=1', { OTDSTicket: ticket });
  expect([reply.status, reply.headers.get('x-standin-chosen')]).toEqual([200, 'SGW_STATUS']);
  expect((await t.raw('POST', path, { as: null, body: { ...login, password: 'x' } })).status).toBe(401);
});
