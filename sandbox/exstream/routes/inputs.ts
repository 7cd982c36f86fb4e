import { recordEffect } from '../../common/effects.ts';
import type { Context, Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { seedPerson } from '../directory.ts';
import { ApiRefusal, CODES, notFound } from '../errors.ts';
import { credentialOf } from '../gate.ts';
import type { Call } from '../kit.ts';
import { badInput, bodyOf, chosenRefusal, json, list, param, statusText } from '../kit.ts';
import { manifestOf, setOf } from '../rules/graph.ts';
import { EMPOWER_TYPE, produce, queuesOf } from '../rules/output.ts';
import { need, domainNamed } from '../rules/rights.ts';
import { startRun } from '../rules/runs.ts';
import type { FlowModel, OutputFile, RunInput, State } from '../state.ts';

/** Section 5.1: submitting on demand. */

export const GENERATE_HEADERS = ['communicationid', 'driverdatasource', 'empoweruser'] as const;

function required(call: Call, header: string): string {
  const value = call.req.headers[header.toLowerCase()] ?? '';
  if (value === '') throw badInput(call, `Required request header '${header}' is not present`);
  return value;
}

/** The communication that the headers name: approved, in this domain, read from that driver. */
function communicationOf(call: Call, domain: string): string {
  const id = required(call, 'communicationId').toLowerCase();
  const driver = required(call, 'driverDataSource');
  const asset = call.state.resources[id];
  const fits = asset?.type === 'exstrapplication' && asset.domains.includes(domain);
  if (!fits || !asset.versions.some((version) => version.state === 'APPROVED')) {
    throw chosenRefusal(
      call,
      'NOT_SUBMITTABLE',
      CODES.NOT_FOUND,
      `There is no approved communication ${id} in ${domain}`,
    );
  }
  const set = setOf(call.state, id);
  const known = set ? manifestOf(call.state, set).dsnlist.map((source) => source.prodDsn) : [];
  if (!known.includes(driver)) {
    throw chosenRefusal(call, 'WRONG_DRIVER', CODES.BAD_INPUT, `The communication has no driver ${driver}`);
  }
  return id;
}

function inputOf(call: Call, communicationId: string, service: string): RunInput {
  const mimeType = call.req.headers['content-type'] ?? 'application/json';
  if (mimeType.includes('json') && call.req.json() === undefined) throw badInput(call, 'The driver data is no JSON');
  const { authorization: _secret, cookie: _cookie, ...headers } = call.req.headers;
  return { communicationId, service, mimeType, body: call.req.body, headers };
}

/** An Empower communication needs an account that may import; otherwise the inner "401", which is not about our token. */
async function needEmpowerUser(call: Call, communicationId: string): Promise<void> {
  const user = call.req.headers['empoweruser'] ?? '';
  const empower = queuesOf(call.state, communicationId).some((queue) => queue.driver === 'Empower');
  const wrong = call.ctx.special('inner401') || (empower && !(await isAccount(call, user)));
  if (!wrong) return;
  call.ctx.chosen('EMPOWER_REFUSED');
  const status = CHOSEN.count(call.state, 'EMPOWER_REFUSED');
  throw new ApiRefusal(status, CODES.UNAUTHORIZED, `Empower refused the user ${user}`, '401');
}

function isAccount(call: Call, user: string): Promise<boolean> {
  if (user === '') return Promise.resolve(false);
  if (call.directory.otds) return call.directory.otds.knows(user, credentialOf(call.req, 'bearer'));
  return Promise.resolve(seedPerson(call.state, user) !== null);
}

/** POST /inputs/ondemand/{domain}/generate */
export async function generate(call: Call): Promise<Reply> {
  const domain = domainNamed(call).id;
  need(call, 'RUN', domain);
  const communicationId = communicationOf(call, domain);
  await needEmpowerUser(call, communicationId);
  const files = run(call, domain, inputOf(call, communicationId, 'generate'), null);
  return outputReply(call, files);
}

/** POST /inputs/ondemand/{domain}/{service}: a published flow model by its service name. */
export async function submit(call: Call): Promise<Reply> {
  const domain = domainNamed(call).id;
  need(call, 'RUN', domain);
  const model = modelNamed(call.state, domain, param(call, 'service'));
  if (!model) throw notFound(`Service ${param(call, 'service')} in ${domain}`);
  const communicationId = communicationOf(call, domain);
  await needEmpowerUser(call, communicationId);
  return outputReply(call, run(call, domain, inputOf(call, communicationId, model.service), model));
}

export function modelNamed(state: State, domain: string, service: string): FlowModel | null {
  return Object.values(state.flowModels).find((one) => one.domain === domain && one.service === service) ?? null;
}

/** Special fault `noJob`: the document is made, no job is left. */
function run(call: Call, domain: string, input: RunInput, model: FlowModel | null): OutputFile[] {
  const leavesJob = CHOSEN.use(call.ctx, 'ONDEMAND_LEAVES_JOB') === true;
  const lost = call.ctx.special('noJob');
  if ((!leavesJob && model === null) || lost) return produce(call.ctx, { domain, job: null, input });
  const channel = input.service;
  const externalId = externalIdOf(call);
  return startRun(call.ctx, { domain, mode: 'ONDEMAND', channel, triggeredBy: call.me.user, externalId, model, input })
    .files;
}

function externalIdOf(call: Call): string {
  const header = String(CHOSEN.value(call.state, 'EXTERNAL_ID_HEADER')).toLowerCase();
  if (header === '') return '';
  call.ctx.chosen('EXTERNAL_ID_HEADER');
  return (call.req.headers[header] ?? '').slice(0, 400);
}

/**
 * Exactly `application/pdf` (or the type of an output): the bare file. Exactly `application/json` on an Empower
 * communication: the document id. Any other `Accept`, a list too: the envelope. The vendor's SDK sends such a list.
 */
function outputReply(call: Call, files: OutputFile[]): Reply {
  const accept = (call.req.headers['accept'] ?? '*/*').trim().toLowerCase();
  const bare = files.find((file) => file.mimeType === accept);
  if (bare)
    return { status: 200, headers: { 'content-type': bare.mimeType }, body: Buffer.from(bare.base64, 'base64') };
  const empower = files.find((file) => file.mimeType === EMPOWER_TYPE);
  if (accept === 'application/json' && empower) {
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(empower.base64, 'base64'),
    };
  }
  return list(
    call,
    files.map(({ base64, mimeType, queueName, fileName, customerNumber }) => ({
      content: base64,
      mimeType,
      engineOutputContext: { queueName, fileName, customerNumber },
    })),
  );
}

/** POST /inputs/fulfillment/ondemand/{domain}/fulfill: turns Empower documents into files. */
export function fulfill(call: Call): Reply {
  const domain = domainNamed(call).id;
  need(call, 'RUN', domain);
  const preserve = required(call, 'preserveDocuments').toLowerCase();
  if (preserve !== 'true' && preserve !== 'false') throw badInput(call, 'preserveDocuments must be true or false');
  const communicationId = communicationOf(call, domain);
  const ids = bodyOf(call)['documents'];
  if (!Array.isArray(ids) || ids.length === 0) throw badInput(call, 'documents must be a list of ids');
  for (const id of ids) if (!call.state.documents[String(id)]) throw notFound(`Document ${String(id)}`);
  const files = run(call, domain, inputOf(call, communicationId, 'fulfill'), null);
  if (preserve === 'false') for (const id of ids) dropDocument(call.ctx, String(id));
  return outputReply(call, files);
}

function dropDocument(ctx: Context<State>, id: string): void {
  const document = ctx.state.documents[id];
  if (!document) return;
  delete ctx.state.documents[id];
  recordEffect(ctx, 'document', id, document, null);
}

/** Batch input, on the path that was chosen for it. */
export function batch(call: Call): Reply {
  const domain = domainNamed(call).id;
  need(call, 'RUN', domain);
  call.ctx.chosen('BATCH');
  const model = modelNamed(call.state, domain, param(call, 'service'));
  if (!model) throw notFound(`Service ${param(call, 'service')} in ${domain}`);
  const input = inputOf(call, communicationOf(call, domain), model.service);
  const order = { domain, mode: 'BATCH', channel: model.service, triggeredBy: call.me.user, model, input } as const;
  startRun(call.ctx, { ...order, externalId: externalIdOf(call) });
  return json(200, { status: statusText(call) });
}
