import { randomUUID } from 'node:crypto';
import { recordEffect } from '../../common/effects.ts';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import { ApiRefusal, CODES } from '../errors.ts';
import type { Call } from '../kit.ts';
import { badInput, data, list, nowIso, param, queryFlag, shown } from '../kit.ts';
import { partsOf } from '../multipart.ts';
import type { ImportPlan, Packed } from '../rules/packages.ts';
import { bringIn, planImport, readPackage } from '../rules/packages.ts';
import { domainFor } from '../rules/rights.ts';
import type { ImportLog } from '../state.ts';

/** Section 4.4: import logs, and the import itself, which the vendor's SDK and collection begin with. */

const POLICIES = ['AUTO_RENAME', 'ERROR', 'REPLACE', 'SKIP', 'REPLACE_IF_NEWER', 'EXISTING'];

/** GET /import/logs */
export function importLogs(call: Call): Reply {
  return list(
    call,
    Object.values(call.state.imports).map((row) => shown(row)),
  );
}

/** The conflict policy that the part `conflictSettings` brings, else the chosen one. */
function policyOf(call: Call, settings: Buffer | undefined): string {
  if (!settings) {
    return String(CHOSEN.use(call.ctx, 'IMPORT_POLICY'));
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(settings.toString('utf8'));
  } catch {
    throw badInput(call, 'conflictSettings is no JSON');
  }
  const policies = isObject(parsed) ? parsed['policies'] : undefined;
  const policy = isObject(policies) ? policies['generalPolicy'] : undefined;
  if (typeof policy !== 'string' || !POLICIES.includes(policy))
    throw badInput(call, 'policies.generalPolicy is unknown');
  return policy;
}

/** POST /import/{packagetype}/{domain}?commit= : 409 with error 309016 when the policy is ERROR and something conflicts. */
export function importPackage(call: Call): Reply {
  const domain = domainFor(call, 'EDIT');
  if (!['das', 'migrator'].includes(param(call, 'packagetype')))
    throw badInput(call, 'packagetype must be das or migrator');
  const parts = partsOf(call.req);
  const file = parts.find(({ name }) => name === 'exportPackage');
  if (!file) throw badInput(call, "Required request part 'exportPackage' is not present");
  const policy = policyOf(call, parts.find(({ name }) => name === 'conflictSettings')?.bytes);
  const log = newLog(call, domain.id, file.fileName ?? 'package.zip');
  let packed: Packed;
  try {
    packed = readPackage(file.bytes);
  } catch (error) {
    keepLog(call, { ...log, status: 'FAILURE', error: error instanceof Error ? error.message : String(error) });
    throw badInput(call, 'The export package cannot be read');
  }
  const plan = planImport(call.state, packed, domain.id);
  if (plan.conflicted.length > 0 && policy === 'ERROR') {
    keepLog(call, { ...log, status: 'FAILURE', error: 'Conflicting resources' });
    throw new ApiRefusal(409, CODES.IMPORT_CONFLICT, 'The import has conflicting resources');
  }
  const commit = queryFlag(call, 'commit') ?? false;
  if (commit) bringIn(call, packed, plan, domain.id, policy === 'REPLACE');
  if (commit) keepLog(call, { ...log, status: 'SUCCESS' });
  return data(call, replyOf(packed, plan, log.exportPackageId, policy));
}

function newLog(call: Call, domain: string, fileName: string): ImportLog {
  const at = nowIso(call);
  const by = call.me.user;
  return {
    importId: randomUUID(),
    fileName,
    domain,
    status: 'IN_PROGRESS',
    error: null,
    exportPackageId: randomUUID(),
    createdBy: by,
    createdDate: at,
    lastModifiedBy: by,
    lastModifiedDate: at,
  };
}

function keepLog(call: Call, log: ImportLog): void {
  call.state.imports[log.importId] = log;
  recordEffect(call.ctx, 'import', log.importId, null, log);
}

function replyOf(packed: Packed, plan: ImportPlan, exportPackageUUID: string, policy: string): object {
  return {
    metadata: packed.metadata,
    exportPackageUUID,
    policies: { generalPolicy: policy },
    importedResources: plan.fresh.map((one) => one.found),
    ignoredResources: policy === 'SKIP' ? plan.conflicted.map((one) => one.found) : [],
    conflictedResources: plan.conflicted.map((one) => ({ ...one.found, performedAction: policy })),
    existingResources: plan.existing.map((one) => one.found),
    importedCategories: [],
    ignoredCategories: [],
    deploymentPackages: [],
    deletedResources: [],
    placeholderDataSources: [],
    resourcePermissions: {},
    warnings: [],
  };
}
