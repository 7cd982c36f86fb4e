import { ScheduleAlreadyRunning, ScheduleOverlapPolicy } from '@temporalio/client';
import type { Client, ScheduleOptions } from '@temporalio/client';

export const WATCH_SCHEDULE = 'directory-watch';

export type WatchSettings = {
  /** Milliseconds between passes. */
  everyMs: number;
  /** Before queue and schedule names: several systems on one server. Default none. */
  prefix?: string;
  /** Only when it is created: later an operator's `temporal schedule toggle` counts. */
  paused?: boolean;
};

/**
 * Creates the schedule of `directoryWatch`, or brings its spec, action and policies up to date; whether it is paused stays as it is then.
 * One pass at a time (SKIP), missed passes are made up for one interval only, UTC. Several workers may do this at once.
 */
export async function ensureWatchSchedule(client: Client, settings: WatchSettings): Promise<'created' | 'updated'> {
  const { prefix = '', paused = false } = settings;
  const scheduleId = `${prefix}${WATCH_SCHEDULE}`;
  const wanted = options(settings, prefix);
  try {
    const note =
      'Created paused (TENURE_WATCH=paused). Start it: temporal schedule toggle --unpause --schedule-id ' + scheduleId;
    await client.schedule.create({ scheduleId, ...wanted, ...(paused ? { state: { paused: true, note } } : {}) });
    return 'created';
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  await client.schedule
    .getHandle(scheduleId)
    .update(({ state, searchAttributes }) => ({ ...wanted, state, searchAttributes }));
  return 'updated';
}

function options({ everyMs }: WatchSettings, prefix: string) {
  return {
    spec: { intervals: [{ every: everyMs }], timezone: 'UTC' },
    action: {
      type: 'startWorkflow',
      workflowType: 'directoryWatch',
      workflowId: `${prefix}directoryWatch/scheduled`,
      taskQueue: `${prefix}tenure`,
      args: [{}],
      staticSummary: 'One pass of the directory watch',
    },
    // The server's default would make up for a year of missed passes; its least is ten seconds.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: Math.max(everyMs, 10_000) },
  } satisfies Omit<ScheduleOptions, 'scheduleId'>;
}
