import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workflowBundle } from './bundle.ts';

let folder: string;
let code: string;
let codePath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-bundle-'));
  const bundle = await workflowBundle(folder);
  if (!('codePath' in bundle)) throw new Error('the bundle was not written');
  codePath = bundle.codePath;
  code = await readFile(codePath, 'utf8');
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Paths of the modules in it, as webpack writes them above each. */
const modules = () => [...code.matchAll(/^\s*!\*\*\* (\S+) (?:[a-z ]+)?\*\*\*!$/gm)].map((match) => match[1] ?? '');

describe('the workflow bundle', () => {
  test('stays small: 0.8 MB without its inline source map (an empty workflow has 0.52 MB, zod alone would add 1 MB)', () => {
    expect(code.lastIndexOf('//# sourceMappingURL=')).toBeGreaterThan(0);
    expect(code.lastIndexOf('//# sourceMappingURL=')).toBeLessThan(800_000);
  });

  test('holds workflow code, domain, and the SDK; nothing else of ours, no library', () => {
    const found = modules();
    expect(found.length).toBeGreaterThan(30);
    const ours = found.filter((path) => path.startsWith('./src/')).map((path) => path.replace('./src/', ''));
    expect(ours).toContain('workflows/index.ts');
    expect(ours).toContain('workers/failureConverter.ts');
    expect(
      ours.filter((path) => !/^(workflows|domain)\/|^workers\/(failureConverter|unexpected)\.ts$/.test(path)),
    ).toEqual([]);
    const libraries = new Set(found.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []));
    const allowed = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];
    expect([...libraries].filter((name) => !allowed.includes(name))).toEqual([]);
    expect(found.filter((path) => /zod|yaml|^node:|external /.test(path))).toEqual([]);
  });

  test('is built once per content', async () => {
    expect(await workflowBundle(folder)).toEqual({ codePath });
    expect(await readdir(folder)).toHaveLength(1);
  });

  test('is handed over in memory where it cannot be kept', async () => {
    const bundle = await workflowBundle('/dev/null/nowhere');
    expect(bundle).toHaveProperty('code');
  });
});
