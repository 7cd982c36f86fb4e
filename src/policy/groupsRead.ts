import type { ASTNode } from '@marcbachmann/cel-js';
import { childrenOf } from './ast.ts';
import type { CelProblem } from './cel.ts';

/** A group that an expression reads: by its name, or every group whose name fits. */
export type GroupRead = { how: 'is' | 'startsWith' | 'endsWith' | 'contains'; text: string; offset: number };

/** A variable of a loop: over the person's groups, or over a list of texts that stand in the expression. */
type Bound = { name: string; over: 'groups' } | { name: string; over: 'texts'; texts: readonly GroupRead[] };
/** Loops over groups that give a yes or no, and no list of groups that something else could read. */
const QUESTIONS = ['exists', 'exists_one', 'all'];
type Found = { groups: GroupRead[]; problems: CelProblem[] };

/**
 * Which groups an expression reads. Only forms from which this can be told are accepted: `"X@p" in person.groups`,
 * `person.groups.exists(g, g == "X@p")` (also `in [..]`, startsWith, endsWith, contains) and `["X@p", "Y@p"].exists(g, g in person.groups)`.
 * So an unknown group is always found, and so is one that a rule also grants.
 */
export function groupsRead(ast: ASTNode): Found {
  const found: Found = { groups: [], problems: [] };
  visit(ast, undefined, found);
  return found;
}

function visit(node: ASTNode, bound: Bound | undefined, found: Found): void {
  if (isGroups(node)) {
    found.problems.push({
      offset: node.start,
      message:
        'It cannot be told which groups this reads; write "Name@partition" in person.groups, or person.groups.exists(g, g == "Name@partition").',
    });
    return;
  }
  if (node.op === 'in' && isGroups(node.args[1])) return member(node.args[0], node, bound, found);
  if (node.op === 'rcall' && isGroups(node.args[1]) && QUESTIONS.includes(node.args[0])) return overGroups(node, found);
  if (node.op === 'rcall' && node.args[1].op === 'list') return overTexts(node, bound, found);
  for (const child of childrenOf(node)) visit(child, bound, found);
}

function member(left: ASTNode, node: ASTNode, bound: Bound | undefined, found: Found): void {
  const text = literal(left);
  if (text) found.groups.push(text);
  else if (bound?.over === 'texts' && left.op === 'id' && left.args === bound.name) found.groups.push(...bound.texts);
  else
    found.problems.push({
      offset: node.start,
      message: 'It cannot be told which group this reads; write the name out: "Name@partition" in person.groups.',
    });
}

/** `person.groups.exists(g, …)`: each use of g must compare it with a text that stands there. */
function overGroups(node: Extract<ASTNode, { op: 'rcall' }>, found: Found): void {
  const [variable, body] = node.args[2];
  if (variable?.op !== 'id' || body === undefined) return;
  uses(body, { name: variable.args, over: 'groups' }, found);
}

function uses(node: ASTNode, bound: Bound, found: Found): void {
  const isVariable = (one: ASTNode) => one.op === 'id' && one.args === bound.name;
  if (isVariable(node)) {
    found.problems.push({
      offset: node.start,
      message: `It cannot be told which groups this reads; compare ${bound.name} with a text: ${bound.name} == "Name@partition".`,
    });
    return;
  }
  if (node.op === '==' || node.op === '!=') {
    const [left, right] = node.args;
    const text = isVariable(left) ? literal(right) : isVariable(right) ? literal(left) : undefined;
    if (text) {
      found.groups.push(text);
      return;
    }
  }
  if (node.op === 'in' && isVariable(node.args[0]) && node.args[1].op === 'list') {
    const texts = node.args[1].args.map(literal);
    if (texts.every((text) => text !== undefined)) {
      found.groups.push(...texts);
      return;
    }
  }
  if (node.op === 'rcall' && isVariable(node.args[1])) {
    const [method, , [argument]] = node.args;
    const text = argument && literal(argument);
    if (text && (method === 'startsWith' || method === 'endsWith' || method === 'contains')) {
      found.groups.push({ ...text, how: method });
      return;
    }
  }
  if (isGroups(node)) return visit(node, bound, found);
  for (const child of childrenOf(node)) uses(child, bound, found);
}

/** `["X@p", "Y@p"].exists(g, g in person.groups)`. */
function overTexts(node: Extract<ASTNode, { op: 'rcall' }>, bound: Bound | undefined, found: Found): void {
  const [, list, [variable, body]] = node.args;
  const texts = list.op === 'list' ? list.args.map(literal) : [];
  const known = texts.length > 0 && texts.every((text) => text !== undefined) ? texts : undefined;
  if (variable?.op === 'id' && body && known)
    return visit(body, { name: variable.args, over: 'texts', texts: known }, found);
  for (const child of childrenOf(node)) visit(child, bound, found);
}

function isGroups(node: ASTNode): boolean {
  return node.op === '.' && node.args[1] === 'groups' && node.args[0].op === 'id' && node.args[0].args === 'person';
}

function literal(node: ASTNode): GroupRead | undefined {
  return node.op === 'value' && typeof node.args === 'string'
    ? { how: 'is', text: node.args, offset: node.start }
    : undefined;
}
