/**
 * The part of Cedar that custom policies for API keys need: one permit or forbid with a scope of three and, at most,
 * conditions `resource.ancestor_ids.contains("id")`. Enough to validate and to decide; anything else is an error.
 */
export type CedarError = { cedar_code: string; cedar_message: string };

type Statement = {
  effect: 'permit' | 'forbid';
  principal: string | null;
  actions: string[] | null;
  folders: string[];
};

const STATEMENT = /^\s*(permit|forbid)\s*\(([\s\S]*)\)\s*(?:(when|unless)\s*\{([\s\S]*)\})?\s*;?\s*$/;
const PRINCIPAL =
  /^principal(?:\s*==\s*Cloudinary::(APIKey|User|Group)::"([^"]*)"|\s+is\s+Cloudinary::(?:APIKey|User|Group))?$/;
const ACTION = /^action(?:\s*==\s*Cloudinary::Action::"(\w+)"|\s+in\s+\[([\s\S]*)\])?$/;
const RESOURCE =
  /^resource(?:\s+is\s+Cloudinary::(?:Folder|Asset|Collection)|\s*==\s*Cloudinary::(?:Feature|Folder|Asset|Collection)::"[^"]*")?$/;
const CONTAINS = /^\s*resource\.ancestor_ids\.contains\(\s*"([^"]*)"\s*\)\s*$/;

function fail(message: string): { error: CedarError } {
  return { error: { cedar_code: 'ACCOUNTS_00002', cedar_message: message } };
}

function parse(text: string): { statement: Statement } | { error: CedarError } {
  const [, effect, head = '', kind, condition = ''] = STATEMENT.exec(text) ?? [];
  if (effect !== 'permit' && effect !== 'forbid') return fail('invalid_policy');
  const parts = head.split(/,(?![^[]*\])/).map((part) => part.trim());
  if (parts.length !== 3) return fail('invalid_scope');
  const [principal = '', action = '', resource = ''] = parts;
  const who = PRINCIPAL.exec(principal);
  if (!who) return fail('invalid_principal');
  const what = ACTION.exec(action);
  if (!what) return fail('invalid_action');
  if (!RESOURCE.test(resource)) return fail('invalid_resource');
  const folders = kind === undefined ? [] : condition.split('&&').map((part) => CONTAINS.exec(part)?.[1]);
  if (folders.some((id) => id === undefined) || kind === 'unless') return fail('invalid_condition');
  const several = what[2]?.match(/"(\w+)"/g)?.map((quoted) => quoted.slice(1, -1));
  return {
    statement: {
      effect,
      principal: who[2] ?? null,
      actions: what[1] === undefined ? (several ?? null) : [what[1]],
      folders: folders.flatMap((id) => id ?? []),
    },
  };
}

/** What is wrong with a policy: empty when it is fine. */
export function cedarErrors(text: string): CedarError[] {
  const parsed = parse(text);
  return 'error' in parsed ? [parsed.error] : [];
}

/** Whether the policies together permit: one permits and none forbids. */
export function permits(
  texts: readonly string[],
  ask: { principal: string; action: string; ancestors: readonly string[] },
): boolean {
  const fitting = texts
    .flatMap((text) => {
      const parsed = parse(text);
      return 'error' in parsed ? [] : [parsed.statement];
    })
    .filter(
      (s) =>
        (s.principal === null || s.principal === ask.principal) &&
        (s.actions === null || s.actions.includes(ask.action)) &&
        s.folders.every((id) => ask.ancestors.includes(id)),
    );
  return fitting.some((s) => s.effect === 'permit') && !fitting.some((s) => s.effect === 'forbid');
}
