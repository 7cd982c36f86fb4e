import { isObject } from '../common/fields.ts';
import type { Reply } from '../common/types.ts';
import type { Call } from '../push/router.ts';
import { problems } from '../push/shape.ts';
import { fromBase64, textMap, textOr, textsOf } from '../push/values.ts';
import { CHOSEN } from './chosen.ts';
import { MraRefusal } from './errors.ts';
import { INNER, PARSER } from './shapes.ts';
import type { State } from './state.ts';
import type { Content } from './submit.ts';
import { accept, logged, readBody } from './submit.ts';

const DEFAULT_TTL_S = 2_419_200;

/** POST {base}/utils/parser: push. The outer body is the vendor's, the inner file the stand-in's own. */
export function parse(call: Call<State>): Reply {
  const { ctx } = call;
  CHOSEN.use(ctx, 'FAKE_INNER');
  CHOSEN.use(ctx, 'PARSER_CHECKS');
  return logged(call, 'push', (account, row) => {
    const { domain, filename, data } = readBody(call, PARSER);
    if (domain !== 'MR') throw new MraRefusal(400, 'domain must be "MR".');
    if (filename === '') throw new MraRefusal(400, 'filename must not be empty.');
    const reply = accept(call, { account, channel: 'push', row }, contentOf(call.state, innerOf(String(data))));
    switch (CHOSEN.use(ctx, 'PARSER_REPLY')) {
      case 'accepted':
        return { ...reply, status: 202 };
      case 'empty':
        return { status: 200 };
      default:
        return reply;
    }
  });
}

function innerOf(data: string): Record<string, unknown> {
  const text = fromBase64(data);
  if (text === null || text === '') throw new MraRefusal(400, 'data is not base64.');
  let inner: unknown;
  try {
    inner = JSON.parse(text);
  } catch {
    throw new MraRefusal(400, 'The request file in data is not JSON.');
  }
  if (!isObject(inner) || inner['standin_fake_schema'] !== 1) {
    const why = 'The real schema of the request file is not public, so the stand-in takes only its own, made-up one';
    throw new MraRefusal(400, `${why}: it needs "standin_fake_schema": 1 (see FAKE_INNER in sandbox/README.md).`);
  }
  const wrong = problems(inner, INNER, true);
  if (wrong.length > 0) throw new MraRefusal(400, `In the request file: ${wrong.join('; ')}.`);
  return inner;
}

function contentOf(state: State, inner: Record<string, unknown>): Content {
  const { priority, ttl_s } = inner;
  if (priority !== undefined && priority !== 'normal' && priority !== 'high')
    throw new MraRefusal(400, 'In the request file: priority must be "normal" or "high".');
  const topic = textOr(inner['topic']);
  const subscribed = Object.values(state.phones).filter((phone) => topic !== null && phone.topics.includes(topic));
  const tokens = new Set([...textsOf(inner['tokens']), ...subscribed.map((phone) => phone.token)]);
  if (tokens.size === 0 && topic === null)
    throw new MraRefusal(400, 'In the request file: tokens or topic is missing.');
  const [nid, title, body, collapse] = [inner['nid'], inner['title'], inner['body'], inner['collapse']].map(textOr);
  return {
    options: {},
    destinations: [...tokens].map((address) => ({ address, ref: null })),
    subject: title ?? null,
    text: body ?? '',
    tracking: false,
    lifeS: typeof ttl_s === 'number' ? ttl_s : DEFAULT_TTL_S,
    push: {
      id: `push-${String(state.serial)}`,
      nid: nid ?? null,
      title: title ?? null,
      body: body ?? null,
      data: { ...textMap(inner['data']) },
      priority: priority === 'high' ? 'high' : 'normal',
      collapse: collapse ?? null,
      tag: collapse ?? null,
    },
  };
}
