import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { person } from '../domain/testing.ts';
import { PolicyError, PolicyHolder } from './holder.ts';

let folder: string;
let file: string;
let writes = 0;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-policy-'));
  file = join(folder, 'policy.yaml');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const granting = (team: string) =>
  `version: 1\nmanaged: ["iconik:team/*"]\nrules:\n  - { name: r, when: "true", grant: [iconik:team/${team}] }\n`;
function write(text: string): void {
  writeFileSync(file, text);
  // Two writes within one tick of the file system's clock would look the same.
  writes += 1;
  utimesSync(file, writes, writes);
}
const teams = (holder: PolicyHolder) =>
  holder
    .current()
    .evaluate(person())
    .wanted.grants.map((grant) => grant.key);

test('a newer good file comes into force when the policy is asked for', () => {
  write(granting('A'));
  const holder = new PolicyHolder({ file });
  expect(teams(holder)).toEqual(['iconik:team/A']);
  write(granting('B'));
  expect(teams(holder)).toEqual(['iconik:team/B']);
  expect(holder.refresh()).toBe(false);
});

test('a bad one leaves the last good one in force and says why, until it is mended', () => {
  write(granting('A'));
  const holder = new PolicyHolder({ file });
  write(granting('A').replace('grant:', 'grnt:'));
  expect(teams(holder)).toEqual(['iconik:team/A']);
  expect(holder.problems.map((p) => [p.line, p.suggestion])).toContainEqual([4, 'grant']);
  rmSync(file);
  expect(teams(holder)).toEqual(['iconik:team/A']);
  expect(holder.problems).toEqual([expect.objectContaining({ message: expect.stringContaining('cannot be read') })]);
  write(granting('C'));
  expect(teams(holder)).toEqual(['iconik:team/C']);
  expect(holder.problems).toEqual([]);
});

test('no good policy to begin with: refused, with every mistake', () => {
  write('version: one');
  expect(() => new PolicyHolder({ file })).toThrow(PolicyError);
  expect(() => new PolicyHolder({ file: join(folder, 'none.yaml') })).toThrow(/cannot be read/);
});

test('a restart on a bad file finds the last good one where it was kept', () => {
  const lastGood = join(folder, 'last-good.yaml');
  write(granting('A'));
  new PolicyHolder({ file, lastGood });
  write('nonsense: true');
  const again = new PolicyHolder({ file, lastGood });
  expect(teams(again)).toEqual(['iconik:team/A']);
  expect(again.problems).not.toEqual([]);
});
