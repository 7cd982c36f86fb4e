import type { ConnectionLike } from '@temporalio/client';
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../local/temporalServer.ts';

const { IndexedValueType } = proto.temporal.api.enums.v1;
const NUMBERS: Readonly<Record<string, number>> = {
  Keyword: IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  Bool: IndexedValueType.INDEXED_VALUE_TYPE_BOOL,
  Datetime: IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

/**
 * What is wrong with the namespace's search attributes: one sentence, with the commands that mend it; undefined when all are there. A run that
 * sets one that is not registered would fail its workflow task for ever, so workers do not start without them.
 */
export async function searchAttributeProblem(
  connection: ConnectionLike,
  namespace: string,
): Promise<string | undefined> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const registered: Readonly<Record<string, unknown>> = customAttributes;
  const wrong = Object.entries(SEARCH_ATTRIBUTES).filter(
    ([name, type]) => registered[name] !== undefined && registered[name] !== NUMBERS[type],
  );
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => registered[name] === undefined);
  const sentences: string[] = [];
  if (wrong.length > 0) {
    const list = wrong.map(([name, type]) => `${name} (must be ${type})`).join(', ');
    sentences.push(
      `Search attributes of the namespace "${namespace}" have another type: ${list}; remove them and create them again.`,
    );
  }
  if (missing.length > 0) {
    const flags = missing.map(([name, type]) => `--name ${name} --type ${type}`).join(' ');
    sentences.push(
      `The namespace "${namespace}" lacks the search attributes ${missing.map(([name]) => name).join(', ')}. Register them: temporal operator search-attribute create --namespace ${namespace} ${flags}`,
    );
  }
  return sentences.length > 0 ? sentences.join(' ') : undefined;
}
