import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { failureConverterPath } from './dataConverter.ts';

const src = fileURLToPath(new URL('..', import.meta.url));
const cacheFolder = fileURLToPath(new URL('../../.cache', import.meta.url));
/** Everything the bundle is made of; a change in any of these files makes a new one. */
const PARTS = ['workflows', 'domain', 'activities/types.ts', 'workers/failureConverter.ts', 'workers/unexpected.ts'];

export type WorkflowBundle = { codePath: string } | { code: string };

/**
 * The workflow bundle, built once per content and kept in `.cache/` (0.3 to 0.7 s to build). Several processes may ask at once: each writes its
 * own file aside and renames it. Where the folder cannot be written the code is handed over in memory.
 */
export async function workflowBundle(folder: string = cacheFolder): Promise<WorkflowBundle> {
  const codePath = join(folder, `workflows-${await contentHash()}.js`);
  if (await exists(codePath)) return { codePath };
  const code = await buildWorkflowBundle();
  const aside = `${codePath}.${process.pid}`;
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(aside, code);
    await rename(aside, codePath);
    return { codePath };
  } catch {
    return { code };
  }
}

/** Bundles `src/workflows/index.ts` with the failure converter that workflows use. */
async function buildWorkflowBundle(): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(src, 'workflows', 'index.ts'),
    failureConverterPath,
    logger: new DefaultLogger('WARN'),
  });
  return code;
}

async function contentHash(): Promise<string> {
  const hash = createHash('sha256').update(sdkVersion());
  for (const part of PARTS)
    for (const file of await filesOf(join(src, part)))
      hash.update(`\n${relative(src, file)}\n`).update(await readFile(file));
  return hash.digest('hex').slice(0, 16);
}

/** A bundle is only good for the very version of the worker package that made it. */
function sdkVersion(): string {
  const found: unknown = createRequire(import.meta.url)('@temporalio/worker/package.json');
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : '';
}

async function filesOf(path: string): Promise<string[]> {
  if (path.endsWith('.ts')) return [path];
  const names = await readdir(path, { recursive: true });
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => join(path, name))
    .sort();
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
