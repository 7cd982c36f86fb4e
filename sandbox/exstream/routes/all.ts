import type { SemiGroup } from '../chosen.ts';
import { PAGE_QUERY } from '../paging.ts';
import type { Route } from '../router.ts';
import { SEARCH_QUERY } from '../rules/search.ts';
import * as configuration from './configuration.ts';
import * as content from './content.ts';
import * as deliveries from './deliveries.ts';
import { listDomains } from './domains.ts';
import * as groupRoles from './groupRoles.ts';
import { importLogs, importPackage } from './imports.ts';
import { gatewaySubmit } from './gateway.ts';
import * as inputs from './inputs.ts';
import * as links from './links.ts';
import { ticket, token } from './login.ts';
import { currentUser, designVersion, orchestrationVersion } from './probe.ts';
import * as resources from './resources.ts';
import * as roles from './roles.ts';
import * as runtime from './runtime.ts';
import * as schedules from './schedules.ts';
import * as states from './states.ts';

/** Every route there is; coverage.json has one row for each. */

const DESIGN = '/design/api/v1';
const ORC = '/orchestration/api/v1';

type Rest = Omit<Route, 'method' | 'path' | 'section' | 'handler'>;

function route(section: string, call: string, handler: Route['handler'], rest: Rest = {}): Route {
  const [method = '', path = ''] = call.split(' ');
  return { section, method, path: path.replace('DAS', DESIGN).replace('ORC', ORC), handler, ...rest };
}

function semi(group: SemiGroup, rest: Rest = {}): Rest {
  return { semi: group, ...rest };
}

const OPEN = { login: 'none', body: 'any' } as const;

const LOGIN: Route[] = [
  route('2', 'POST /otdsws/otdstenant/{tenant}/oauth2/token', token, OPEN),
  route('2', 'POST /otdstenant/{tenant}/oauth2/token', token, OPEN),
  route('2', 'POST /tenants/{tenant}/oauth2/token', token, { ...OPEN, headers: ['tenant_id'] }),
  route('2', 'POST /otdstenant/{tenant}/otdsws/rest/authentication/credentials', ticket, OPEN),
];

const PROBE: Route[] = [
  route('4.1', 'GET DAS/version', designVersion),
  route('4.1', 'GET ORC/version', orchestrationVersion),
  route('4.1', 'GET DAS/authentication/current-user', currentUser, semi('AUTHENTICATION')),
  route('4.1', 'GET DAS/authentication/{domain}/current-user', currentUser, semi('AUTHENTICATION')),
];

const DOMAINS_QUERY = [...SEARCH_QUERY, 'filter.currentUser', 'fetchChildren', 'fetchApprovalGroups', ...PAGE_QUERY];
const GROUP_ROLE = { body: groupRoles.GROUP_ROLE_BODY };

const ADMINISTRATION: Route[] = [
  route('4.2', 'GET DAS/roles', roles.listRoles, semi('ROLES', { query: [...SEARCH_QUERY, ...PAGE_QUERY] })),
  route('4.2', 'POST DAS/roles', roles.createRole, semi('ROLES', { body: roles.ROLE_BODY })),
  route('4.2', 'PUT DAS/roles/{uuid}', roles.putRole, semi('ROLES', { body: roles.ROLE_BODY })),
  route('4.2', 'DELETE DAS/roles/{uuid}', roles.deleteRole, semi('ROLES')),
  route('4.2', 'GET DAS/group-roles', groupRoles.listGroupRoles, semi('GROUP_ROLES')),
  route('4.2', 'GET DAS/group-roles/{domain}', groupRoles.listGroupRoles, semi('GROUP_ROLES')),
  route('4.2', 'POST DAS/group-roles', groupRoles.postGroupRole, semi('GROUP_ROLES', GROUP_ROLE)),
  route('4.2', 'DELETE DAS/group-roles', groupRoles.deleteGroupRole, semi('GROUP_ROLES', GROUP_ROLE)),
  route(
    '4.2',
    'GET DAS/role-permissions',
    roles.listRolePermissions,
    semi('ROLE_PERMISSIONS', { query: ['roleName'] }),
  ),
  route(
    '4.2',
    'POST DAS/role-permissions',
    roles.postRolePermissions,
    semi('ROLE_PERMISSIONS', { body: roles.PERMISSIONS_BODY }),
  ),
  route(
    '4.2',
    'GET DAS/permissions/{domain}/resources',
    roles.effectivePermissions,
    semi('PERMISSIONS', { query: ['groupId', 'resourceType'] }),
  ),
  route(
    '4.2',
    'GET DAS/permissions/{domain}/webapps',
    roles.webappPermissions,
    semi('PERMISSIONS', { query: ['groupId'] }),
  ),
  route('4.2', 'GET DAS/domains', listDomains, { query: DOMAINS_QUERY }),
];

const VERSION_QUERY = ['version', 'state'];

const ASSETS: Route[] = [
  route('4.3', 'GET DAS/resources/{domain}', resources.listResources, { query: resources.RESOURCES_QUERY }),
  route('4.3', 'GET DAS/resources/{domain}/{id}', resources.getResource, {
    query: [...VERSION_QUERY, 'checkIfLatestVersion', 'expand'],
  }),
  route('4.3', 'PUT DAS/resources/{domain}/{id}/state', states.putState, { body: states.STATE_BODY }),
  route('4.3', 'PUT DAS/resources/{domain}/state', states.putBulkState, semi('BULK_STATE', { body: states.BULK_BODY })),
  route('4.3', 'POST DAS/resources/{domain}/{id}/lock', resources.lock, { query: ['version'] }),
  route('4.3', 'DELETE DAS/resources/{domain}/{id}/lock', resources.unlock, { query: ['version', 'force'] }),
  route('4.3', 'GET DAS/resources/{domain}/{id}/content', content.getContent, { query: VERSION_QUERY }),
  route('4.3', 'PUT DAS/resources/{domain}/{id}/content', content.putContent, { body: 'any' }),
  route('4.3', 'POST DAS/resources/{domain}/content', content.postContent, {
    query: ['name', 'type', 'subtype'],
    body: 'any',
  }),
  route('4.4', 'GET DAS/resources/{domain}/history/{resourceId}', resources.history, {
    query: ['fetchAcrossDomains', 'historyType'],
  }),
  route('4.4', 'GET DAS/import/logs', importLogs),
  route('SDK', 'POST DAS/import/{packagetype}/{domain}', importPackage, {
    query: ['commit', 'previousExportPackage'],
    body: 'any',
  }),
  route('4.4', 'GET DAS/links/{domain}', links.listLinks, { query: links.LINKS_QUERY }),
  route('SDK', 'GET DAS/links/{domain}/resources', links.listLinked, { query: links.LINKED_QUERY }),
  route('4.4', 'GET DAS/manifests/{domain}/communication-set/{setId}', links.manifest),
];

const GENERATE = { body: 'any', headers: 'any' } as const;
const JOBS_QUERY = [...runtime.RUNTIME_QUERY, 'fetchDeleted'];
const REPROCESSING = ['useCurrentFlowModel', 'useCurrentFlowContext'];
const RUNTIME = { query: runtime.RUNTIME_QUERY };

const RUNS: Route[] = [
  route('5.1', 'POST ORC/inputs/ondemand/{domain}/generate', inputs.generate, GENERATE),
  route('5.1', 'POST ORC/inputs/ondemand/{domain}/{service}', inputs.submit, GENERATE),
  route('5.1', 'POST ORC/inputs/fulfillment/ondemand/{domain}/fulfill', inputs.fulfill, {
    body: ['documents'],
    headers: [...inputs.GENERATE_HEADERS, 'preservedocuments'],
  }),
  route('5.2', 'GET ORC/runtime/{domain}/jobs', runtime.listJobs, semi('RUNTIME', { query: JOBS_QUERY })),
  route('5.2', 'GET ORC/runtime/{domain}/jobs/{id}', runtime.getJob, semi('RUNTIME')),
  route('5.2', 'POST ORC/runtime/{domain}/jobs/{id}/stop', runtime.stopJob, semi('RUNTIME')),
  route(
    '5.2',
    'POST ORC/runtime/{domain}/jobs/{id}/reprocessing',
    runtime.reprocess,
    semi('RUNTIME', { query: REPROCESSING }),
  ),
  route('15', 'DELETE ORC/runtime/{domain}/jobs', runtime.refuseDelete, semi('RUNTIME', { body: 'any' })),
  route('15', 'DELETE ORC/runtime/{domain}/jobs/{id}', runtime.refuseDelete, semi('RUNTIME', { query: ['force'] })),
  route('5.2', 'GET ORC/runtime/{domain}/flow-instances', runtime.listInstances, semi('RUNTIME', RUNTIME)),
  route('5.2', 'GET ORC/runtime/{domain}/flow-instances/{id}', runtime.getInstance, semi('RUNTIME')),
  route('15', 'DELETE ORC/runtime/{domain}/flow-instances/{id}', runtime.refuseDelete, semi('RUNTIME')),
  route('5.2', 'POST ORC/runtime/{domain}/flow-instances/{id}/release', runtime.releaseInstance, semi('RUNTIME')),
  route('5.2', 'POST ORC/runtime/{domain}/flow-instances/{id}/stop', runtime.stopInstance, semi('RUNTIME')),
  route('5.2', 'GET ORC/runtime/{domain}/flow-steps', runtime.listSteps, semi('RUNTIME', RUNTIME)),
  route('5.2', 'GET ORC/runtime/{domain}/flow-steps/{id}', runtime.getStep, semi('RUNTIME')),
  route('5.2', 'POST ORC/runtime/{domain}/flow-steps/{id}/release', runtime.releaseStep, semi('RUNTIME')),
  route('5.2', 'POST ORC/runtime/{domain}/flow-steps/{id}/stop', runtime.stopStep, semi('RUNTIME')),
  route(
    '5.2',
    'GET ORC/runtime/{domain}/flow-steps/{id}/delivery-file',
    deliveries.deliveryFile,
    semi('RUNTIME', { query: ['download'] }),
  ),
  route(
    '5.2',
    'GET ORC/runtime/{domain}/flow-steps/{id}/delivery-file/outputs',
    deliveries.deliveryOutputs,
    semi('RUNTIME'),
  ),
  route(
    '5.2',
    'GET ORC/runtime/{domain}/flow-steps/{id}/delivery-file/output-files',
    deliveries.deliveryNames,
    semi('RUNTIME', { query: PAGE_QUERY }),
  ),
  route(
    '5.2',
    'GET ORC/runtime/{domain}/flow-steps/{id}/customer-artifacts/{customerId}',
    deliveries.customerArtifacts,
    semi('RUNTIME'),
  ),
];

const CRON = { body: schedules.CRON_BODY };

const SETTINGS: Route[] = [
  route('5.3', 'GET ORC/cron-jobs/{domain}', schedules.listCronJobs, semi('CRON_JOBS')),
  route('5.3', 'POST ORC/cron-jobs/{domain}', schedules.postCronJob, semi('CRON_JOBS', CRON)),
  route('5.3', 'GET ORC/cron-jobs/{domain}/{id}', schedules.getCronJob, semi('CRON_JOBS')),
  route('5.3', 'PUT ORC/cron-jobs/{domain}/{id}', schedules.putCronJob, semi('CRON_JOBS', CRON)),
  route('5.3', 'DELETE ORC/cron-jobs/{domain}/{id}', schedules.deleteCronJob, semi('CRON_JOBS')),
  route('5.3', 'POST ORC/cron-jobs/{domain}/{id}/trigger', schedules.trigger, semi('CRON_JOBS')),
  route('5.3', 'GET ORC/configuration/{domain}', configuration.listConfiguration, semi('CONFIGURATION', RUNTIME)),
  route('5.3', 'GET ORC/configuration/{domain}/{type}/{name}', configuration.getConfiguration, semi('CONFIGURATION')),
  route('5.3', 'POST ORC/runtime/cache/update', configuration.updateCache, semi('CACHE')),
  route('5.3', 'GET ORC/flow-models/{domain}/published', configuration.listPublished, semi('FLOW_MODELS')),
];

const GATEWAY: Route[] = [
  route('6', 'POST /{tenant}/sgw/v1/communications', gatewaySubmit, {
    login: 'ticket',
    query: ['name', 'version'],
    body: 'any',
    headers: ['otdsticket'],
  }),
];

export const ROUTES: readonly Route[] = [
  ...LOGIN,
  ...PROBE,
  ...ADMINISTRATION,
  ...ASSETS,
  ...RUNS,
  ...SETTINGS,
  ...GATEWAY,
];
