import { randomUUID } from 'node:crypto';
import { isObject } from '../../common/fields.ts';
import type { Reply } from '../../common/types.ts';
import { CHOSEN } from '../chosen.ts';
import type { Call } from '../kit.ts';
import { badInput, json, statusText } from '../kit.ts';
import { produce } from '../rules/output.ts';

/** Section 6: the service gateway of the server generation. Any name and version of a service is taken. */

/** The driver data: raw XML, or `{contentType, data: base64}`. */
function driverDataOf(call: Call): string {
  const { body } = call.req;
  if (body.trimStart().startsWith('<')) return body;
  const sent = call.req.json();
  const inner = isObject(sent) ? sent['data'] : undefined;
  if (typeof inner !== 'string') throw badInput(call, 'The body must be XML, or JSON with contentType and data');
  return Buffer.from(inner, 'base64').toString('utf8');
}

/** POST {base}/{tenant}/sgw/v1/communications?name=&version= */
export function gatewaySubmit(call: Call): Reply {
  call.ctx.chosen('SGW_STATUS');
  const [name, version] = ['name', 'version'].map((key) => call.query.get(key) ?? '');
  if (!name || !version) throw badInput(call, 'name and version are required');
  const input = {
    communicationId: `${name}/${version}`,
    service: name,
    mimeType: 'text/xml',
    body: driverDataOf(call),
    headers: {},
  };
  const [file] = produce(call.ctx, { domain: '', job: null, input });
  const content = { data: file?.base64 ?? '', contentType: file?.mimeType ?? '', empty: !file };
  return json(CHOSEN.count(call.state, 'SGW_STATUS'), {
    status: statusText(call),
    data: {
      id: randomUUID(),
      attributeMap: { service: name, version },
      result: [{ 'Content-Disposition': [`attachment; filename="${file?.fileName ?? name}.pdf"`], content }],
    },
  });
}
