import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createLogger } from '../log.ts';
import { LivePolicy } from './livePolicy.ts';

let folder: string;
let file: string;
let lines: string;
let groups: string[] | undefined;

const log = createLogger({ to: { write: (line) => void (lines += line) } });
const directory = {
  groups: () => (groups ? Promise.resolve(groups) : Promise.reject(new Error('OTDS did not answer.'))),
};
const open = () => LivePolicy.open({ file, directory, log });
const write = (version: number, group: string) =>
  writeFileSync(
    file,
    `version: ${version}\nmanaged: [ "iconik:team/*" ]\nrules:\n  - name: one\n    when: '"${group}" in person.groups'\n    grant: [ iconik:team/Marketing ]\n${'#'.repeat(version)}\n`,
  );

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-policy-'));
  file = join(folder, 'policy.yaml');
  lines = '';
  groups = ['Editors@staff'];
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('the policy of a running worker', () => {
  test('a newer file that names an unknown group is refused, told once, and taken when the group exists', async () => {
    write(1, 'Editors@staff');
    const live = await open();
    expect(live.current().policy.version).toBe(1);
    write(2, 'Painters@staff');
    expect(live.current().policy.version).toBe(1);
    expect(live.current().policy.version).toBe(1);
    expect(lines.match(/The policy file is refused/g)).toHaveLength(1);
    expect(live.problems.join()).toContain('Painters@staff');
    groups = ['Editors@staff', 'Painters@staff'];
    await live.refresh();
    expect(live.current().policy.version).toBe(2);
    expect(live.problems).toEqual([]);
  });

  test('a group that vanishes later does not take the policy away', async () => {
    write(1, 'Editors@staff');
    const live = await open();
    groups = ['Others@staff'];
    await live.refresh();
    expect(live.current().policy.version).toBe(1);
  });

  test('at the start an unknown group is told loudly and does not stop the workers', async () => {
    write(1, 'Painters@staff');
    const live = await open();
    expect(live.current().policy.version).toBe(1);
    expect(lines).toContain('The policy names something that the directory does not have');
  });

  test('a directory that is down leaves names unchecked', async () => {
    groups = undefined;
    write(1, 'Painters@staff');
    expect((await open()).current().policy.version).toBe(1);
    expect(lines).toContain('cannot be listed');
  });

  test('a file that is no policy at all refuses the start, with its place', async () => {
    writeFileSync(file, 'version: 1\nrulez: []\n');
    await expect(open()).rejects.toThrow(/policy\.yaml:2:1/);
  });
});
