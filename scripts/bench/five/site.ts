/** The world with Tenure's workers on it, and the moment of every step of a run. */
import { createActivities } from '../../../src/activities/create.ts';
import type { PausePoint } from '../../../src/provisioning/engine.ts';
import { workflowBundle } from '../../../src/workers/bundle.ts';
import type { Say } from '../bench.ts';
import { openNoop, type Side } from '../noop.ts';
import type { Servers } from '../servers.ts';
import { openStage, type Stage } from '../stage.ts';
import { openWorld, type World } from './world.ts';

/** The five systems, and OTDS, which is a target too. */
export const FIVE = ['iconik', 'cloudinary', 'exstream', 'ftp', 'push'] as const;
export type TargetName = (typeof FIVE)[number];
export const ALL_TARGETS = ['otds', ...FIVE] as const;

/** `at`: performance.now(). */
type Step = { point: PausePoint; target: string | undefined; at: number };

export type Site = {
  world: World;
  stage: Stage;
  noop: Side;
  /** The next of those who work here and have nothing yet; with a device, which is all that push knows of people. */
  newcomer(): Promise<string>;
  /** Steps about somebody since performance.now() was `from`. */
  steps(who: string, from: number): readonly Step[];
  /** Waits until somebody was proved `times` times on each of these targets since `from`; answers when that was. @throws after a minute. */
  proved(who: string, targets: readonly string[], from: number, times?: number): Promise<number>;
  close(): Promise<void>;
};

const WITHIN_MS = 60_000;
const PREFIX = 'five-';
export const FIVE_PREFIX = PREFIX;

export async function openSite(servers: Servers, people: number, say: Say): Promise<Site> {
  const noted = new Map<string, Step[]>();
  const waiting = new Set<() => void>();
  const world = await openWorld({
    ledger: servers.ledger.url,
    folder: servers.folder,
    people,
    say,
    hooks: {
      async at(point, { person, target }) {
        noted.set(person, [...(noted.get(person) ?? []), { point, target, at: performance.now() }]);
        if (point === 'converge.proved') for (const look of waiting) look();
      },
    },
  });
  const stage = await openStage(servers);
  const { engine, systems } = world.wired;
  const activities = createActivities({
    engine,
    client: stage.client.workflow,
    workflowQueue: `${PREFIX}tenure`,
    messenger: systems.messenger,
  });
  await stage.serve({ prefix: PREFIX, activities, bundle: await workflowBundle(), concurrent: systems.concurrent });
  const newcomers = await whoHaveNothing(world);
  const steps: Site['steps'] = (who, from) => (noted.get(who) ?? []).filter(({ at }) => at >= from);
  return {
    world,
    stage,
    noop: await openNoop(stage, activities),
    async newcomer() {
      const next = newcomers.shift();
      if (!next) throw new Error('Everybody of the company has joined.');
      const { uuid, who } = next;
      await world.wired.ledger.devices.register({
        person: uuid,
        driver: 'fcm',
        platform: 'ios',
        token: `bench ${uuid}`,
      });
      return who;
    },
    steps,
    proved: (who, targets, from, times = 1) =>
      new Promise((done, failed) => {
        const look = (): void => {
          const proofs = steps(who, from).filter(({ point }) => point === 'converge.proved');
          const last = targets.map((target) => proofs.filter((step) => step.target === target)[times - 1]?.at);
          if (last.some((at) => at === undefined)) return;
          over();
          done(Math.max(...last.map((at) => at ?? 0)));
        };
        const late = setTimeout(() => {
          over();
          const seen = steps(who, from).map(({ point, target }) => `${target ?? ''} ${point}`);
          failed(
            new Error(`${who} was not proved on ${targets.join(', ')} within a minute: ${seen.slice(-8).join('; ')}`),
          );
        }, WITHIN_MS);
        const over = (): void => {
          clearTimeout(late);
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      await stage.close();
      await world.close();
    },
  };
}

/** Invented people of the company: the seed's own have accounts here and there. */
async function whoHaveNothing({ wired }: World): Promise<{ uuid: string; who: string }[]> {
  const found: { uuid: string; who: string }[] = [];
  for await (const page of wired.engine.directory.people({ signal: new AbortController().signal }))
    found.push(...page.filter(({ login, partition }) => partition === 'staff' && /\d{1,}$/.test(login)));
  return found.filter(({ who }) => who !== 'alex.kim2@staff');
}
