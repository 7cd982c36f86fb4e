import type { Handler } from './call.ts';
import { refused } from './errors.ts';
import { VERSION } from './version.ts';
import { routes } from './routes.ts';

/** GET /rest/openapi.json: exactly what is served, less what a choice has turned off. */
export const openapi: Handler = (call) => {
  if (call.ctx.special('noOpenapi')) throw refused('NOT_SERVED', 'Not found');
  const off = (pattern: string) => {
    if (!pattern.endsWith('/deletionset')) return false;
    const area = pattern.split('/')[1];
    const { USER_DELETIONSET, GROUP_DELETIONSET, ACCESS_ROLE_DELETIONSET } = call.state.choices;
    return (
      { users: USER_DELETIONSET, groups: GROUP_DELETIONSET, accessroles: ACCESS_ROLE_DELETIONSET }[area ?? ''] === '404'
    );
  };
  const paths: Record<string, Record<string, object>> = {};
  for (const { method, pattern } of routes) {
    if (!pattern.startsWith('rest/') || off(pattern)) continue;
    const names = [...pattern.matchAll(/\{(\w+)\}/g)].map((m) => m[1]);
    (paths[`/${pattern.slice('rest/'.length)}`] ??= {})[method.toLowerCase()] = {
      parameters: names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
      responses: { default: { description: 'See the REST documentation' } },
    };
  }
  return {
    status: 200,
    body: {
      openapi: '3.0.1',
      info: { title: 'OpenText Directory Services', version: VERSION },
      servers: [{ url: '/otdsws/rest' }],
      paths,
    },
  };
};
