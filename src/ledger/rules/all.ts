import { createHash } from 'node:crypto';
import { BULK } from './bulk.sql.ts';
import { DECIDE } from './decide.sql.ts';
import { INTEND } from './intend.sql.ts';
import { LEASE } from './lease.sql.ts';
import { PROVE } from './prove.sql.ts';
import { RESOLVE } from './resolve.sql.ts';
import { STATE } from './state.sql.ts';
import { TIMELINE } from './timeline.sql.ts';
import { WORK } from './work.sql.ts';

/**
 * The rules of PROTOCOL.md as functions of the database, one file per group. They are no data: `migrate` replaces them all at once whenever this
 * text changed, so a rule is edited in its file and nowhere else.
 */
export const RULES = `
set local check_function_bodies = off;
drop schema if exists tenure_rules cascade;
create schema tenure_rules;
${[STATE, DECIDE, RESOLVE, LEASE, INTEND, PROVE, WORK, TIMELINE, BULK].join('\n')}
`;

/** Which text of the rules a database holds. */
export const RULES_DIGEST = createHash('sha256').update(RULES).digest('hex');
