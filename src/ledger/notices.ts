import type { NoticeLog, SendRow } from '../systems/push/ports.ts';
import type { Database } from './database.ts';

type Raw = Omit<SendRow, 'ref' | 'code'> & { ref: string | null; code: string | null };

/** One statement, so that of two attempts at most one may send. */
const INTEND = `
insert into tenure.notice_send as s (key, channel, part, person, recipient, state) values ($1, $2, $3, $4, $5, 'intended')
on conflict (key, channel, part) do update
  set state = 'intended', tries = s.tries + 1, intended_at = clock_timestamp(), settled_at = null, code = null
  where s.state = 'waiting'
returning 1 as written`;

/** What was accepted stays so; "unknown" was only the word of somebody who did not send it. */
const SETTLE = `
update tenure.notice_send set state = $4, ref = $5, code = $6, settled_at = clock_timestamp()
where key = $1 and channel = $2 and part = $3 and (state = 'intended' or (state = 'unknown' and $4 in ('accepted', 'rejected')))`;

/** Which notice went out over which channel: each send has its row before it is made. */
export function noticeLog(db: Database): NoticeLog {
  return {
    async sends(key) {
      const rows = await db.rows<Raw>(
        'sends',
        'reading sends of a notice',
        'select channel, part, state, ref, code from tenure.notice_send where key = $1',
        [key],
      );
      return rows.map(({ ref, code, ...row }) => ({
        ...row,
        ...(ref !== null && { ref }),
        ...(code !== null && { code }),
      }));
    },

    async intend({ key, channel, part }, { person, recipient }) {
      const rows = await db.rows('intendSend', 'writing the intent of a send', INTEND, [
        key,
        channel,
        part,
        person,
        recipient,
      ]);
      return rows.length > 0;
    },

    async settle({ key, channel, part }, { state, ref, code }) {
      await db.rows('settleSend', 'writing the outcome of a send', SETTLE, [
        key,
        channel,
        part,
        state,
        ref ?? null,
        code ?? null,
      ]);
    },
  };
}
