/** The stand-ins of the benchmarks, each a program of its own, so that its CPU time and memory are not those of what is measured. */
import { join } from 'node:path';
import { variableOf } from '../../../src/config/local.ts';
import { entryOf } from '../../../src/local/addresses.ts';
import type { Child } from '../../../src/local/child.ts';
import { standIn, startProgram } from '../../../src/local/parts.ts';
import { rowOf } from '../../../src/local/systems.ts';

export const STAND_INS = ['otds', 'iconik', 'cloudinary', 'exstream', 'notifications'] as const;
export type StandInName = (typeof STAND_INS)[number];

export type Json = Record<string, unknown>;

export type StandIns = {
  /** As the environment of a worker says it. */
  env: Readonly<Record<string, string>>;
  url: (name: StandInName) => string;
  /** One call to a control address. @throws with the reply where it is none of success. */
  control: (name: StandInName, method: string, path: string, body?: unknown) => Promise<Json>;
  close: () => Promise<void>;
};

type Entry = Readonly<Record<string, string>>;

/** Starts all of them on free ports, logs in `folder`. */
export async function startStandIns(folder: string): Promise<StandIns> {
  const children: Child[] = [];
  const entries = new Map<StandInName, Entry>();
  const close = async (): Promise<void> => void (await Promise.all(children.map((child) => child.stop(5_000))));
  const entry = (name: StandInName): Entry => entries.get(name) ?? {};
  try {
    // In the order of the list: Exstream asks OTDS.
    for (const name of STAND_INS) {
      const more = name === 'exstream' ? ['--otds', entry('otds')['url'] ?? ''] : [];
      const values = valuesOf(name, entry);
      const ports = { url: 0, control: 0 };
      const said = await startProgram(standIn(name, ports, values, more), {
        logFile: join(folder, `${name}.log`),
        bound: true,
        spawned: (child) => void children.push(child),
      });
      entries.set(name, entryOf(name, ports, values, said));
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    env: Object.fromEntries([...entries].flatMap(([name, values]) => variablesOf(name, values))),
    url: (name) => entry(name)['url'] ?? '',
    control: (name, method, path, body) => ask(`${entry(name)['control']}${path}`, method, body),
    close,
  };
}

/** The usual values: they are of use on this machine only. */
function valuesOf(name: StandInName, entry: (name: StandInName) => Entry): Entry {
  const given = Object.entries(rowOf(name).given).map(([key, { usual }]) => [key, usual] as const);
  const { clientSecret = '' } = entry('otds');
  return { ...Object.fromEntries(given), ...(name === 'exstream' && { clientSecret }) };
}

const variablesOf = (name: string, entry: Entry): [string, string][] =>
  Object.entries(entry).map(([key, value]) => [variableOf(name, key), value]);

async function ask(url: string, method: string, body?: unknown): Promise<Json> {
  const reply = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url}: ${reply.status} ${text.slice(0, 300)}`);
  return text === '' ? {} : (JSON.parse(text) as Json); // control addresses and OTDS answer objects
}
