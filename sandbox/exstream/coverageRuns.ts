import assert from 'node:assert/strict';
import type { Scenario } from './coverageDesign.ts';
import { SECRETS } from './seed.ts';
import type { Answer, Item, Trial } from './trial.ts';
import { PROD } from './trial.ts';
import { unzip } from './zip.ts';

/** One scenario per route of Orchestration and of the service gateway. */

const ORC = '/orchestration/api/v1';
const RUN = `/runtime/${PROD}`;

async function newest(t: Trial, what: 'jobs' | 'flow-instances' | 'flow-steps', filter: string): Promise<Item> {
  const reply = await t.orc('GET', `${RUN}/${what}?filter=${filter}`);
  const last = reply.body.data.at(-1);
  if (!last) throw new Error(`There are no ${what} with ${filter}.`);
  return last;
}

/** A held run: its job, instance and hold step. */
export async function held(t: Trial): Promise<{ job: Item; instance: Item; step: Item }> {
  const submitted = await t.submit('Welcome Letter', 'WelcomeDriver', { service: 'held-letters' });
  assert.equal(submitted.status, 200);
  const job = await newest(t, 'jobs', 'statuses:holding');
  const instance = await newest(t, 'flow-instances', `jobId:${job.id}`);
  const step = await newest(t, 'flow-steps', `flowInstanceId:${instance.id};statuses:holding`);
  return { job, instance, step };
}

/** The output step of a run that is done. */
async function delivered(t: Trial): Promise<Item> {
  assert.equal((await t.submit('Welcome Letter', 'WelcomeDriver')).status, 200);
  return newest(t, 'flow-steps', 'stepTypes:output;deliveryFileRetrievable:true');
}

async function statusOf(t: Trial, instance: Item): Promise<string> {
  return (await t.orc('GET', `${RUN}/flow-instances/${instance.id}`)).body.data.status;
}

function stopOrRelease(what: 'flow-instances' | 'flow-steps', verb: 'stop' | 'release'): Scenario {
  return async (t) => {
    const { instance, step } = await held(t);
    const id = what === 'flow-steps' ? step.id : instance.id;
    const reply = await t.orc('POST', `${RUN}/${what}/${id}/${verb}`);
    assert.equal(await statusOf(t, instance), verb === 'stop' ? 'canceled' : 'complete');
    return reply;
  };
}

const CRON = {
  name: 'weekly',
  cronExpression: '0 3 * * 1',
  cronType: 'startJob',
  serviceName: 'plain-letters',
  channelName: 'weekly',
  inputPath: '/in',
  headers: { region: 'EMEA' },
  enabled: true,
  mode: 'BATCH',
};

async function newCronJob(t: Trial): Promise<Item> {
  return (await t.orc('POST', `/cron-jobs/${PROD}`, { body: CRON })).body.data;
}

function submitXml(t: Trial, id: string): Promise<Answer> {
  return t.orc('POST', `/inputs/ondemand/${PROD}/generate`, {
    body: '<root><customerNumber>7</customerNumber></root>',
    headers: { communicationId: id, driverDataSource: 'WelcomeDriver', 'content-type': 'application/xml' },
  });
}

export const RUNS: Record<string, Scenario> = {
  [`GET ${ORC}/version`]: (t) => t.orc('GET', '/version'),
  [`POST ${ORC}/inputs/ondemand/{domain}/generate`]: async (t) => {
    const { id } = await t.asset(PROD, 'Welcome Letter');
    assert.equal((await submitXml(t, id)).status, 200);
    const bare = await t.submit('Welcome Letter', 'WelcomeDriver', { headers: { accept: 'application/pdf' } });
    assert.equal(bare.headers.get('content-type'), 'application/pdf');
    assert.ok(bare.text.startsWith('%PDF-'));
    const reply = await t.submit('Welcome Letter', 'WelcomeDriver');
    const renders = await t.control<Record<string, { count: number }>>('GET', '/state/renders');
    assert.equal(Math.max(...Object.values(renders).map((one) => one.count)), 2);
    return reply;
  },
  [`POST ${ORC}/inputs/ondemand/{domain}/{service}`]: async (t) => {
    const reply = await t.submit('Welcome Letter', 'WelcomeDriver', {
      service: 'routed-letters',
      data: { recipient: { region: 'Americas' } },
    });
    assert.equal((await newest(t, 'flow-steps', 'stepTypes:output')).displayName, 'E-mail Americas');
    return reply;
  },
  [`POST ${ORC}/inputs/fulfillment/ondemand/{domain}/fulfill`]: async (t) => {
    const headers = { empowerUser: 'empower@OAuthClients', accept: 'application/json' };
    const { documentId } = (await t.submit('Agency Statement', 'StatementDriver', { headers })).body;
    const { id } = await t.asset(PROD, 'Statement Fulfillment');
    const reply = await t.orc('POST', `/inputs/fulfillment/ondemand/${PROD}/fulfill`, {
      body: { documents: [documentId] },
      headers: { communicationId: id, driverDataSource: 'FulfillmentDriver', preserveDocuments: 'false' },
    });
    assert.deepEqual(Object.keys(await t.control<object>('GET', '/state/documents')), []);
    return reply;
  },
  [`GET ${ORC}/runtime/{domain}/jobs`]: async (t) => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    const today = (await t.control<{ clock: string }>('GET', '/clock')).clock.slice(0, 10);
    const filter = `mode:ONDEMAND;statuses:complete,error;startDateStart:${today};startDateEnd:${today}`;
    return t.orc('GET', `${RUN}/jobs?filter=${filter}&offset=0&count=1&fetchDeleted=true`);
  },
  [`GET ${ORC}/runtime/{domain}/jobs/{id}`]: async (t) => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    return t.orc('GET', `${RUN}/jobs/${(await newest(t, 'jobs', 'statuses:complete')).id}`);
  },
  [`POST ${ORC}/runtime/{domain}/jobs/{id}/stop`]: async (t) => {
    const { job } = await held(t);
    const reply = await t.orc('POST', `${RUN}/jobs/${job.id}/stop`);
    assert.equal((await t.orc('GET', `${RUN}/jobs/${job.id}`)).body.data.status, 'canceled');
    return reply;
  },
  [`POST ${ORC}/runtime/{domain}/jobs/{id}/reprocessing`]: async (t) => {
    await t.submit('Welcome Letter', 'WelcomeDriver');
    const job = await newest(t, 'jobs', 'statuses:complete');
    const reply = await t.orc('POST', `${RUN}/jobs/${job.id}/reprocessing?useCurrentFlowModel=true`);
    assert.equal((await t.orc('GET', `${RUN}/flow-instances?filter=jobId:${job.id}`)).body.page.totalElements, 2);
    return reply;
  },
  [`DELETE ${ORC}/runtime/{domain}/jobs`]: (t) => t.orc('DELETE', `${RUN}/jobs`),
  [`DELETE ${ORC}/runtime/{domain}/jobs/{id}`]: async (t) => {
    const { job } = await held(t);
    const reply = await t.orc('DELETE', `${RUN}/jobs/${job.id}`);
    assert.equal((await t.orc('GET', `${RUN}/jobs/${job.id}`)).status, 200);
    return reply;
  },
  [`GET ${ORC}/runtime/{domain}/flow-instances`]: async (t) => {
    await held(t);
    return t.orc('GET', `${RUN}/flow-instances?filter=statuses:holding`);
  },
  [`GET ${ORC}/runtime/{domain}/flow-instances/{id}`]: async (t) => {
    const { instance } = await held(t);
    return t.orc('GET', `${RUN}/flow-instances/${instance.id}`);
  },
  [`DELETE ${ORC}/runtime/{domain}/flow-instances/{id}`]: async (t) => {
    const { instance } = await held(t);
    const reply = await t.orc('DELETE', `${RUN}/flow-instances/${instance.id}`);
    assert.equal(await statusOf(t, instance), 'holding');
    return reply;
  },
  [`POST ${ORC}/runtime/{domain}/flow-instances/{id}/release`]: stopOrRelease('flow-instances', 'release'),
  [`POST ${ORC}/runtime/{domain}/flow-instances/{id}/stop`]: stopOrRelease('flow-instances', 'stop'),
  [`GET ${ORC}/runtime/{domain}/flow-steps`]: async (t) => {
    const { instance } = await held(t);
    return t.orc('GET', `${RUN}/flow-steps?filter=flowInstanceId:${instance.id};stepTypes:hold,input`);
  },
  [`GET ${ORC}/runtime/{domain}/flow-steps/{id}`]: async (t) => {
    const { step } = await held(t);
    return t.orc('GET', `${RUN}/flow-steps/${step.id}`);
  },
  [`POST ${ORC}/runtime/{domain}/flow-steps/{id}/release`]: stopOrRelease('flow-steps', 'release'),
  [`POST ${ORC}/runtime/{domain}/flow-steps/{id}/stop`]: stopOrRelease('flow-steps', 'stop'),
  [`GET ${ORC}/runtime/{domain}/flow-steps/{id}/delivery-file`]: async (t) => {
    const step = await delivered(t);
    const reply = await t.orc('GET', `${RUN}/flow-steps/${step.id}/delivery-file?download=true`);
    assert.ok(reply.text.startsWith('%PDF-') && reply.headers.get('content-disposition')?.startsWith('attachment'));
    return reply;
  },
  [`GET ${ORC}/runtime/{domain}/flow-steps/{id}/delivery-file/outputs`]: async (t) =>
    t.orc('GET', `${RUN}/flow-steps/${(await delivered(t)).id}/delivery-file/outputs`),
  [`GET ${ORC}/runtime/{domain}/flow-steps/{id}/delivery-file/output-files`]: async (t) => {
    const reply = await t.orc('GET', `${RUN}/flow-steps/${(await delivered(t)).id}/delivery-file/output-files`);
    assert.deepEqual([...reply.body.data], ['Welcome_Letter.pdf']);
    return reply;
  },
  [`GET ${ORC}/runtime/{domain}/flow-steps/{id}/customer-artifacts/{customerId}`]: async (t) => {
    const reply = await t.orc('GET', `${RUN}/flow-steps/${(await delivered(t)).id}/customer-artifacts/1001`);
    assert.deepEqual(
      unzip(reply.bytes).map((file) => file.name),
      ['Welcome_Letter.pdf'],
    );
    return reply;
  },
  [`GET ${ORC}/cron-jobs/{domain}`]: (t) => t.orc('GET', `/cron-jobs/${PROD}`),
  [`POST ${ORC}/cron-jobs/{domain}`]: async (t) => {
    const reply = await t.orc('POST', `/cron-jobs/${PROD}`, { body: CRON });
    assert.equal((await t.orc('GET', `/cron-jobs/${PROD}/${reply.body.data.id}`)).body.data.name, 'weekly');
    return reply;
  },
  [`GET ${ORC}/cron-jobs/{domain}/{id}`]: async (t) => t.orc('GET', `/cron-jobs/${PROD}/${(await newCronJob(t)).id}`),
  [`PUT ${ORC}/cron-jobs/{domain}/{id}`]: async (t) => {
    const { id } = await newCronJob(t);
    const reply = await t.orc('PUT', `/cron-jobs/${PROD}/${id}`, { body: { ...CRON, name: 'monthly' } });
    assert.equal((await t.orc('GET', `/cron-jobs/${PROD}/${id}`)).body.data.name, 'monthly');
    return reply;
  },
  [`DELETE ${ORC}/cron-jobs/{domain}/{id}`]: async (t) => {
    const { id } = await newCronJob(t);
    const reply = await t.orc('DELETE', `/cron-jobs/${PROD}/${id}`);
    assert.equal((await t.orc('GET', `/cron-jobs/${PROD}/${id}`)).status, 404);
    return reply;
  },
  [`POST ${ORC}/cron-jobs/{domain}/{id}/trigger`]: async (t) => {
    const [nightly] = (await t.orc('GET', `/cron-jobs/${PROD}`)).body.data;
    const reply = await t.orc('POST', `/cron-jobs/${PROD}/${nightly?.id}/trigger`);
    assert.equal((await newest(t, 'jobs', 'mode:BATCH;channel:nightly')).triggeredBy, 'tenure@OAuthClients');
    return reply;
  },
  [`GET ${ORC}/configuration/{domain}`]: async (t) => {
    assert.equal((await t.orc('GET', `/configuration/${PROD}`)).body.page.totalElements, 2);
    const reply = await t.orc('GET', `/configuration/${PROD}?filter=configType:outputChannel`);
    assert.equal(reply.body.page.totalElements, 1);
    return reply;
  },
  [`GET ${ORC}/configuration/{domain}/{type}/{name}`]: (t) =>
    t.orc('GET', `/configuration/${PROD}/outputChannel/${encodeURIComponent('E-mail EMEA')}`),
  [`POST ${ORC}/runtime/cache/update`]: async (t) => {
    const reply = await t.orc('POST', '/runtime/cache/update');
    assert.equal((await t.control<{ cacheUpdates: number }>('GET', '/state')).cacheUpdates, 1);
    return reply;
  },
  [`GET ${ORC}/flow-models/{domain}/published`]: (t) => t.orc('GET', `/flow-models/${PROD}/published`),
  'POST /{tenant}/sgw/v1/communications': async (t) => {
    const login = { userName: 'tenantadmin@exstream.role', password: SECRETS.password };
    const { ticket } = (
      await t.raw('POST', '/otdstenant/t5/otdsws/rest/authentication/credentials', { as: null, body: login })
    ).body;
    const headers = { OTDSTicket: ticket };
    const path = '/t5/sgw/v1/communications?name=letter&version=1';
    const xml = '<root/>';
    await t.raw('POST', path, { as: null, headers: { ...headers, 'content-type': 'application/json' }, body: xml });
    const body = { contentType: 'text/xml', data: Buffer.from(xml).toString('base64') };
    const reply = await t.raw('POST', path, { as: null, headers, body });
    const renders = await t.control<Record<string, { communicationId: string; count: number }>>(
      'GET',
      '/state/renders',
    );
    assert.ok(Object.values(renders).some((one) => one.communicationId === 'letter/1' && one.count === 2));
    return reply;
  },
};
