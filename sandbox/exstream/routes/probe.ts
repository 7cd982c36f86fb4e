import type { Reply } from '../../common/types.ts';
import type { Call } from '../kit.ts';
import { data, json } from '../kit.ts';
import { domainNamed, isTenantAdmin, rolesOf } from '../rules/rights.ts';

/** The generation the stand-in plays; the numbers are made up, their places are the vendor's. */
const EXSTREAM_VERSION = { major: '22', minor: '4', patch: '0', build: '99999' };

function version(identifier: string, appName: string): object {
  const { major, minor, patch, build } = EXSTREAM_VERSION;
  return {
    apiIdentifier: identifier,
    details: {
      git: { tag: 'stand-in', hash: '0000000000000000000000000000000000000000', branch: 'HEAD', commits: '1' },
      appName,
      buildNumber: build,
      timestamp: '2026-11-02-09:00:00.000',
    },
    major,
    minor,
    patch,
    versionString: `${major}.${minor}.${patch}.${build}`,
  };
}

/** GET /version of Design: no envelope */
export function designVersion(): Reply {
  const { major, minor, patch, build } = EXSTREAM_VERSION;
  return json(200, { ...version('das/v1', 'das'), clientVersion: `${major}.${minor}.${patch}.${build}` });
}

/** GET /version of Orchestration: no envelope */
export function orchestrationVersion(): Reply {
  return json(200, version('orc/v1', 'orchestration'));
}

/** GET /authentication[/{domain}]/current-user */
export function currentUser(call: Call): Reply {
  const domain = call.params['domain'] === undefined ? null : domainNamed(call).id;
  const { state, me } = call;
  return data(call, {
    name: me.user,
    tenantName: state.tenant,
    groups: me.groups,
    roles: rolesOf(state, me.groups, domain).map(({ id, name }) => ({ id, name })),
    isTenantAdmin: isTenantAdmin(state, me),
    isSystemAdmin: false,
    isOt2TenantAdmin: false,
    ot2Subscriptions: [],
  });
}
