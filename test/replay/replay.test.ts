import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { DeterminismViolationError } from '@temporalio/workflow';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { workflowBundle, type WorkflowBundle } from '../../src/workers/bundle.ts';
import { dataConverter } from '../../src/workers/dataConverter.ts';
import { ENDINGS } from './endings.ts';
import { attributes, parse, payloads, recordedHistories, type Recorded } from './histories.ts';
import { REPLAY_KEYS } from './key.ts';

Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter: 'OFF', forward: {} } } });

const recorded = recordedHistories();
let present: WorkflowBundle;
beforeAll(async () => {
  present = await workflowBundle();
});

/** What each history says when it is replayed: nothing, or why it cannot be. */
async function replay(histories: Recorded[], bundle = present): Promise<Record<string, Error | undefined>> {
  const results = Worker.runReplayHistories(
    { workflowBundle: bundle, dataConverter: dataConverter(REPLAY_KEYS) },
    histories.map(({ name, history }) => ({ workflowId: name, history })),
  );
  const said: Record<string, Error | undefined> = {};
  for await (const { workflowId, error } of results) said[workflowId] = error;
  return said;
}

const eventsOf = ({ history }: Recorded, type: string) =>
  history.events.filter((event) => event.eventType === `EVENT_TYPE_${type}`);

const activityTypes = (history: Recorded): string[] =>
  eventsOf(history, 'ACTIVITY_TASK_SCHEDULED').map(
    (event) => (attributes(event)['activityType'] as { name: string }).name, // the server wrote it
  );

test('every type has a history of each of its endings, and no other', () => {
  const wanted = Object.entries(ENDINGS).flatMap(([type, endings]) => Object.keys(endings).map((e) => `${type}.${e}`));
  expect(recorded.map(({ name }) => name)).toEqual(wanted.sort());
});

describe.each(recorded.map((history) => [history.name, history] as const))('%s', (name, history) => {
  const [type = '', ending = ''] = name.split('.');

  test('ends as its name says', async () => {
    const [close, words] = ENDINGS[type]?.[ending] ?? [];
    const last = history.history.events.length - 1;
    expect(history.history.events.at(-1)?.eventType).toBe(`EVENT_TYPE_WORKFLOW_EXECUTION_${close}`);
    const results = (await payloads(history)).filter(({ path }) => path.startsWith(`/events/${last}/`));
    expect(
      results.map(({ text }) => text).join() + JSON.stringify(attributes(history.history.events.at(-1))),
    ).toContain(words);
    expect(attributes(history.history.events[0])).toMatchObject({ workflowType: { name: type } });
  });

  test('was recorded by a server, with the flags without which a replay compares nothing', () => {
    const first = eventsOf(history, 'WORKFLOW_TASK_COMPLETED')[0];
    expect(attributes(first)).toMatchObject({ sdkMetadata: { coreUsedFlags: expect.arrayContaining([1, 2, 3]) } });
  });
});

test('every history replays with the present code', async () => {
  const said = await replay(recorded);
  expect(Object.keys(said)).toHaveLength(recorded.length);
  expect(Object.entries(said).filter(([, error]) => error !== undefined)).toEqual([]);
});

describe('the replay bites', () => {
  const types = [...new Set(recorded.flatMap(activityTypes))].sort();
  const withType = (type: string) => recorded.find((history) => activityTypes(history).includes(type))!;

  test('all activities of the workflows stand in the histories', () => {
    expect(types).toEqual([
      'abandon',
      'askApprovers',
      'compareDirectory',
      'converge',
      'finishRun',
      'notify',
      'recordDecision',
      'releaseHold',
      'rerouteApprovals',
      'resolvePerson',
      'sweep',
    ]);
  });

  test.each(types)('an activity %s that has another name in the history is noticed', async (type) => {
    const { name, raw } = withType(type);
    const renamed = parse(name, raw.replaceAll(`"name": "${type}"`, `"name": "${type}Formerly"`));
    expect((await replay([renamed]))[name]).toBeInstanceOf(DeterminismViolationError);
  });

  test('an activity renamed in the code fails every history that calls it', async () => {
    const code = 'codePath' in present ? await readFile(present.codePath, 'utf8') : present.code;
    const renamed = code.replaceAll('.finishRun.executeWithOptions', '.closeRun.executeWithOptions');
    expect(renamed).not.toBe(code);
    const calling = recorded.filter((history) => activityTypes(history).includes('finishRun'));
    const said = Object.values(await replay(calling.slice(0, 5), { code: renamed }));
    expect(said).toHaveLength(5);
    for (const error of said) expect(error).toBeInstanceOf(DeterminismViolationError);
  });
});

test.each(recorded.filter(({ name }) => name.endsWith('.late')).map((history) => [history.name, history] as const))(
  '%s: attention is asked for while a system is late, and not after it is back',
  (_name, history) => {
    const asked = eventsOf(history, 'UPSERT_WORKFLOW_SEARCH_ATTRIBUTES').flatMap((event) => {
      const { indexedFields } = attributes(event)['searchAttributes'] as {
        indexedFields: { NeedsAttention?: { data: string } };
      }; // the server wrote it
      return indexedFields.NeedsAttention ? [Buffer.from(indexedFields.NeedsAttention.data, 'base64').toString()] : [];
    });
    expect(asked).toContain('true');
    expect(asked.at(-1)).toBe('false');
  },
);
