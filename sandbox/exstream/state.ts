import type { Selected } from '../common/choices.ts';

/** The stand-in's state: plain JSON, saved, shown by GET /state and put back by PUT /state. Instants are ISO texts. */

export type AssetState = 'DRAFT' | 'REVIEW' | 'APPROVED' | 'REJECTED';
export const ASSET_STATES: readonly AssetState[] = ['DRAFT', 'REVIEW', 'APPROVED', 'REJECTED'];

export type Workflow = 'NORMAL' | 'SIMPLE' | 'ADVANCED';

export type ApprovalGroup = {
  resourceTypes: string[];
  /** Role ids with the level at which their holders approve. */
  approvalRoles: { roleId: string; level: number; email: string | null }[];
};

/** A domain; its id is its name. */
export type Domain = {
  id: string;
  description: string;
  production: boolean;
  jobTracing: boolean;
  workflow: Workflow;
  restrictApproval: boolean;
  parent: string | null;
  editable: boolean;
  approvalGroups: ApprovalGroup[];
};

export type Role = {
  id: string;
  name: string;
  description: string;
  /** Opaque texts; those of the seed are `opaque:standin:<bits>` (rules/rights.ts). */
  appPermissions: string;
  adminPermissions: string;
};

export type RolePermissions = { roleName: string; objectType: string; permissions: string };

export type GroupRole = { group: string; roleId: string; domain: string };

export type Approval = { role: string; level: number; approved: boolean; pending: boolean };

export type Version = {
  version: number;
  revision: number;
  name: string;
  subtype: string | null;
  description: string;
  state: AssetState;
  stateComment: string;
  locked: boolean;
  lockedBy: string | null;
  createdBy: string;
  createdDate: string;
  lastModifiedBy: string;
  lastModifiedDate: string;
  metadata: Record<string, string>;
  /** Levels that have to approve, while in REVIEW in an ADVANCED domain. */
  approvals: Approval[] | null;
  content: { mimeType: string; base64: string } | null;
};

/** A resource with all its versions, oldest first. `n` is the order of creation. */
export type Asset = { id: string; n: number; type: string; hidden: boolean; domains: string[]; versions: Version[] };

export type HistoryRow = {
  id: string;
  domain: string;
  version: number;
  revision: number;
  modifiedBy: string;
  modifiedDate: string;
  operation: 'INSERT' | 'UPDATE' | 'DELETE';
  state: AssetState;
  historyType: 'CREATE' | 'STATE' | 'METADATA' | 'CONTENT';
  auditedComment: string;
  type: string;
};

export type Link = { linkSubjectId: string; subjectVersion: number; linkObjectId: string };

export type ImportLog = {
  importId: string;
  fileName: string;
  domain: string;
  status: 'IN_PROGRESS' | 'SUCCESS' | 'FAILURE';
  error: string | null;
  exportPackageId: string;
  createdBy: string;
  createdDate: string;
  lastModifiedBy: string;
  lastModifiedDate: string;
};

export type Mode = 'BATCH' | 'ONDEMAND';

export type Job = {
  id: string;
  n: number;
  domainId: string;
  channel: string;
  mode: Mode;
  status: 'canceled' | 'complete' | 'deleted' | 'started' | 'waiting' | 'holding' | 'error' | 'uninitialized';
  flowModelType: 'COMMUNICATION';
  msg: string;
  externalId: string;
  triggeredBy: string;
  startDate: string;
  endDate: string | null;
  expirationDate: string | null;
};

export type FlowInstance = {
  id: string;
  n: number;
  jobId: string;
  flowModelId: string;
  flowModelSnapshotId: string;
  domainId: string;
  status: 'canceled' | 'started' | 'complete' | 'waiting' | 'holding' | 'error' | 'finishing';
  startDate: string;
  endDate: string | null;
  expirationDate: string | null;
  msg: string;
  externalId: string;
  flowModelType: 'COMMUNICATION';
  inputRetrievable: boolean;
  executingLongRunningOp: boolean;
  /** Ids of its steps, in order; not shown by the API. */
  steps: string[];
};

export type FlowStep = {
  id: string;
  n: number;
  previousStepId: string | null;
  flowInstanceId: string;
  stepName: string;
  displayName: string;
  status:
    | 'canceled'
    | 'created'
    | 'waiting'
    | 'holding'
    | 'started'
    | 'executed'
    | 'filtered'
    | 'complete'
    | 'error'
    | 'expired';
  stepType:
    'input' | 'communication' | 'output' | 'decider' | 'processor' | 'aggregator' | 'delay' | 'hold' | 'externalFlow';
  queueDate: string;
  startDate: string | null;
  executeDate: string | null;
  endDate: string | null;
  expirationDate: string | null;
  msg: string;
  externalId: string;
  deliveryFileRetrievable: boolean;
  messageFileRetrievable: boolean;
};

/** What a run was given. Kept until the run expires: a held run is rendered from it after its release. */
export type RunInput = {
  communicationId: string;
  service: string;
  mimeType: string;
  body: string;
  headers: Record<string, string>;
};

export type OutputFile = {
  fileName: string;
  mimeType: string;
  queueName: string;
  customerNumber: string;
  base64: string;
};

/** How often one communication was produced from one body of driver data. */
export type Render = {
  communicationId: string;
  communication: string;
  domain: string;
  driverDataDigest: string;
  count: number;
  jobs: string[];
};

export type CronJob = { id: string; domainId: string; name: string; cronType: string } & {
  [field: string]: string | number | boolean | string[] | Record<string, string>;
};

export type Configuration = {
  domainId: string;
  configType: string;
  configName: string;
  configDetails: Record<string, { value: string } | { secretId: string } | { values: { value: string }[] }>;
  active: boolean;
};

export type Condition = {
  type: 'outcome' | 'variable';
  name: string;
  operator: 'EQ' | 'NEQ' | 'LT' | 'LTE' | 'GT' | 'GTE' | 'IN' | 'NIN' | 'NL' | 'NN';
  datatype: 'string' | 'numeric';
  value?: string;
  values?: string[];
};

export type FlowNode = {
  id: string;
  displayName: string;
  type: 'input' | 'decider' | 'communication' | 'output';
  subtype: string;
  connections: { targetNodeId: string; displayName: string; defaultConnection: boolean; condition?: Condition }[];
};

/** A published flow model. `service` is the name it is submitted by; `holds`: a hold step waits for a release. */
export type FlowModel = {
  id: string;
  name: string;
  description: string;
  version: number;
  state: AssetState;
  type: 'COMMUNICATION';
  domain: string;
  service: string;
  holds: boolean;
  nodes: FlowNode[];
};

/** A token or ticket, by the digest of its text. `groups` are those its user had when it was issued or first seen. */
export type Session = {
  kind: 'token' | 'ticket' | 'refresh';
  user: string;
  client: string | null;
  groups: string[];
  expires: string;
};

/** Who can log in where no OTDS is asked. `groups` are direct memberships, `group@partition`. */
export type Person = { groups: string[]; disabled: boolean };

export type State = {
  n: number;
  tenant: string;
  domains: Record<string, Domain>;
  roles: Record<string, Role>;
  rolePermissions: Record<string, RolePermissions>;
  groupRoles: Record<string, GroupRole>;
  resources: Record<string, Asset>;
  history: Record<string, HistoryRow[]>;
  links: Link[];
  imports: Record<string, ImportLog>;
  jobs: Record<string, Job>;
  flowInstances: Record<string, FlowInstance>;
  flowSteps: Record<string, FlowStep>;
  inputs: Record<string, RunInput>;
  deliveries: Record<string, OutputFile[]>;
  renders: Record<string, Render>;
  documents: Record<string, { communicationId: string; domain: string; driverDataDigest: string }>;
  cronJobs: Record<string, CronJob>;
  configuration: Record<string, Configuration>;
  flowModels: Record<string, FlowModel>;
  people: Record<string, Person>;
  /** group → the groups that contain it. */
  groupParents: Record<string, string[]>;
  clients: Record<string, { secretDigest: string }>;
  passwordDigest: string;
  tokens: Record<string, Session>;
  cacheUpdates: number;
  chosen: Selected;
};
