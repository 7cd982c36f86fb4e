import { uuidOf } from './ids.ts';
import type { Condition, Configuration, CronJob, FlowModel, FlowNode, State } from './state.ts';

/** Published flow models, schedules and configuration of the seed. */

function node(
  id: string,
  type: FlowNode['type'],
  displayName: string,
  subtype: string,
  connections: FlowNode['connections'] = [],
): FlowNode {
  return { id, type, displayName, subtype, connections };
}

function to(targetNodeId: string, displayName: string, condition?: Condition): FlowNode['connections'][number] {
  return { targetNodeId, displayName, defaultConnection: condition === undefined, ...(condition ? { condition } : {}) };
}

function equals(name: string, value: string): Condition {
  return { type: 'variable', name, operator: 'EQ', datatype: 'string', value };
}

/** One letter flow: what is submitted is decided on by the recipient's region, and sent by that region's channel. */
function routedNodes(): FlowNode[] {
  return [
    node('input', 'input', 'HTTPS input', 'https_channel', [to('region', 'in')]),
    node('region', 'decider', 'Region of the recipient', 'unknown', [
      to('language', 'EMEA', equals('recipient.region', 'EMEA')),
      to('americas', 'Americas', equals('recipient.region', 'Americas')),
      to('archive', 'otherwise'),
    ]),
    node('language', 'decider', 'Language of the recipient', 'unknown', [
      to('emeaMail', 'German or French', {
        type: 'variable',
        name: 'recipient.language',
        operator: 'IN',
        datatype: 'string',
        values: ['de', 'fr'],
      }),
      to('emeaPrint', 'otherwise'),
    ]),
    node('emeaMail', 'output', 'E-mail EMEA', 'email_channel'),
    node('emeaPrint', 'output', 'Print EMEA', 'directory_channel'),
    node('americas', 'output', 'E-mail Americas', 'email_channel'),
    node('archive', 'output', 'Archive', 'file_channel'),
  ];
}

function plainNodes(channel: string): FlowNode[] {
  return [
    node('input', 'input', 'HTTPS input', 'https_channel', [to('letter', 'in')]),
    node('letter', 'communication', 'Letter', 'unknown', [to('output', 'out')]),
    node('output', 'output', channel, 'directory_channel'),
  ];
}

function model(service: string, name: string, o: { domain: string; holds: boolean; nodes: FlowNode[] }): FlowModel {
  return {
    id: uuidOf(`flow:${service}`),
    name,
    description: '',
    version: 1,
    state: 'APPROVED',
    type: 'COMMUNICATION',
    service,
    ...o,
  };
}

const MODELS = [
  model('held-letters', 'Letters that somebody releases', {
    domain: 'Production',
    holds: true,
    nodes: plainNodes('Print'),
  }),
  model('routed-letters', 'Letters by region', { domain: 'Production', holds: false, nodes: routedNodes() }),
  model('plain-letters', 'Letters', { domain: 'Production', holds: false, nodes: plainNodes('Print') }),
];

const CRON_JOBS: CronJob[] = [
  {
    id: uuidOf('cron:nightly'),
    domainId: 'Production',
    name: 'Nightly letters',
    cronExpression: '0 2 * * *',
    cronType: 'startJob',
    serviceName: 'routed-letters',
    channelName: 'nightly',
    inputPath: '/in/letters',
    headers: { 'recipient.region': 'EMEA' },
    enabled: true,
    mode: 'BATCH',
  },
  {
    id: uuidOf('cron:clean-up'),
    domainId: 'Production',
    name: 'Clean-up',
    cronExpression: '0 * * * *',
    cronType: 'markDeleted',
    enabled: true,
  },
];

const CONFIGURATION: Configuration[] = [
  {
    domainId: 'Production',
    configType: 'outputChannel',
    configName: 'E-mail EMEA',
    configDetails: {
      host: { value: 'mail.northwind.example' },
      password: { secretId: uuidOf('secret:mail') },
      recipients: { values: [{ value: 'print@northwind.example' }, { value: 'archive@northwind.example' }] },
    },
    active: true,
  },
  {
    domainId: 'Production',
    configType: 'service',
    configName: 'routed-letters',
    configDetails: { timeoutS: { value: '60' } },
    active: true,
  },
];

/** Fills `state.flowModels`, `cronJobs` and `configuration`. */
export function seedFlows(state: State): void {
  for (const one of MODELS) state.flowModels[one.id] = structuredClone(one);
  for (const one of CRON_JOBS) state.cronJobs[one.id] = structuredClone(one);
  for (const one of CONFIGURATION)
    state.configuration[`${one.domainId}/${one.configType}/${one.configName}`] = structuredClone(one);
}
