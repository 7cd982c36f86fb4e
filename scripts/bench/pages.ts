/**
 * `node_modules/.bin/node scripts/bench/pages.ts [--people N] [--only SYSTEM]`: how fast the stand-ins answer a page with 100,000
 * people in them. Exit code 1 when the usual answer (p50) takes longer than the goal. A system joins by a row in SYSTEMS.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { USUAL_SECRETS } from '../../sandbox/otds/standIn.ts';

const GOAL_MS = 50;
const ROUNDS = 20;
/** First answers pay for what the reset left to tidy up. */
const WARM_UP = 5;

type Headers = Record<string, string>;
/** One kind of question. `next` gives the path of the following page from a reply, null at the end. */
type Page = { name: string; path: string; next?: (reply: Record<string, unknown>) => string | null };
type System = {
  name: string;
  /** The stand-in's program; it runs as one, as people run it. */
  main: string;
  /** What a request needs to be let in. */
  logIn: (url: string) => Promise<Headers>;
  pages: Page[];
};

async function json(url: string, init: RequestInit = {}): Promise<Record<string, unknown>> {
  const reply = await fetch(url, init);
  if (!reply.ok) throw new Error(`${init.method ?? 'GET'} ${url}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as Record<string, unknown>; // every reply of a list is an object
}

const otdsNext = (path: string) => (reply: Record<string, unknown>) => {
  const cookie = reply['nextPageCookie'];
  return typeof cookie === 'string' ? `${path}&next_page_cookie=${encodeURIComponent(cookie)}` : null;
};
const otdsPage = (name: string, path: string): Page => ({ name, path, next: otdsNext(path) });

const OTDS: System = {
  name: 'otds',
  main: 'sandbox/otds/main.ts',
  async logIn(url) {
    const form = { grant_type: 'client_credentials', client_id: 'tenure', client_secret: USUAL_SECRETS.clientSecret };
    const reply = await json(`${url}/otdsws/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    return { authorization: `Bearer ${String(reply['access_token'])}` };
  },
  pages: [
    otdsPage('250 of a partition', '/otdsws/rest/users?where_partition_name=staff'),
    otdsPage('1000 of a partition', '/otdsws/rest/users?where_partition_name=staff&page_size=1000'),
    otdsPage('250 of a small partition', '/otdsws/rest/users?where_partition_name=field'),
    otdsPage('disabled ones', '/otdsws/rest/users?where_state=disabled'),
    otdsPage('a filter that nobody fits', '/otdsws/rest/users?where_filter=nobody.at.all'),
    otdsPage('members of a group', '/otdsws/rest/groups/All%20Staff@staff/members?page_size=250'),
    otdsPage('groups', '/otdsws/rest/groups?page_size=250'),
    { name: 'SCIM, by userName', path: '/otdsws/scim/staff/Users?filter=userName%20eq%20%22ada.byrne%22' },
    { name: 'SCIM, a page in the middle', path: '/otdsws/scim/staff/Users?startIndex=40000&count=100' },
  ],
};

const SYSTEMS: System[] = [OTDS];

/** What a process has used so far, in milliseconds of CPU (a hundredth of a second exact); null where /proc tells nothing. */
function cpuOf(pid: number | undefined): number | null {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
}

/** Milliseconds of each answer, sorted; pages are followed as long as there are more. */
async function measure(url: string, headers: Headers, page: Page): Promise<number[]> {
  const took: number[] = [];
  let path: string = page.path;
  for (let i = 0; i < WARM_UP + ROUNDS; i++) {
    const began = performance.now();
    const reply = await json(`${url}${path}`, { headers });
    if (i >= WARM_UP) took.push(performance.now() - began);
    path = page.next?.(reply) ?? page.path;
  }
  return took.toSorted((a, b) => a - b);
}

async function run(system: System, people: number): Promise<boolean> {
  const child = spawn(process.execPath, [system.main], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const standIn = JSON.parse(line) as { url: string; control: string };
    await json(`${standIn.control}/reset`, { method: 'POST', body: JSON.stringify({ people }) });
    const headers = await system.logIn(standIn.url);
    let good = true;
    for (const page of system.pages) {
      const before = cpuOf(child.pid);
      const took = await measure(standIn.url, headers, page);
      const after = cpuOf(child.pid);
      const cpu = before === null || after === null ? null : (after - before) / (WARM_UP + ROUNDS);
      const [p50 = 0, p95 = 0] = [took[Math.floor(took.length / 2)], took[Math.floor(took.length * 0.95)]];
      good &&= p50 <= GOAL_MS;
      const verdict = p50 <= GOAL_MS ? 'reached' : 'NOT reached';
      const figures = `p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (goal ≤ ${GOAL_MS} ms: ${verdict})`;
      const own = cpu === null ? '' : `, CPU ${cpu.toFixed(0)} ms`;
      process.stdout.write(`${system.name}, ${people} people, ${page.name}: ${figures}${own}\n`);
    }
    return good;
  } finally {
    child.kill();
  }
}

const { values } = parseArgs({ options: { people: { type: 'string' }, only: { type: 'string' } } });
const chosen = SYSTEMS.filter((s) => values.only === undefined || s.name === values.only);
if (chosen.length === 0)
  throw new Error(`There is no system ${values.only}; known: ${SYSTEMS.map((s) => s.name).join(', ')}.`);
for (const system of chosen) if (!(await run(system, Number(values.people ?? 100_000)))) process.exitCode = 1;
