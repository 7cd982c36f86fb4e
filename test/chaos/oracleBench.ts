/** Stand-ins in the state in which a seed begins, one joiner, and calls as Tenure makes them: to plant what the oracle must name. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { SECRETS } from '../../sandbox/cloudinary/seed.ts';
import { USER } from '../support/ftpServers.ts';
import { asked, Hr, whoIs, type Hire, type Json } from './company.ts';
import { application, furnish } from './furnish.ts';
import { baseline, judge, type Baseline, type Given } from './oracle.ts';
import { controlsOf, startStandIns, type StandIns } from './servers.ts';
import { CALLER, type Controls } from './systems.ts';

export const NORA: Hire = {
  login: 'nora.lind',
  partition: 'staff',
  given: 'Nora',
  family: 'Lind',
  mail: 'nora.lind@northwind.example',
};
export const WHO = whoIs(NORA);
const SECRET = 'otds-sandbox-secret';

export class OracleBench {
  readonly standIns: StandIns;
  readonly controls: Controls;
  hr: Hr;
  from!: Baseline;
  /** Devices in the registry. */
  devices: Record<string, number> = {};
  readonly #stops: (() => Promise<void>)[];
  readonly #lists: Readonly<Record<string, string>>;

  private constructor(standIns: StandIns, stops: (() => Promise<void>)[], lists: Record<string, string>) {
    this.standIns = standIns;
    this.controls = controlsOf(standIns);
    this.hr = new Hr(standIns.otds.url);
    this.#stops = stops;
    this.#lists = lists;
  }

  static async open(): Promise<OracleBench> {
    const folder = mkdtempSync(join(tmpdir(), 'tenure-oracle-'));
    const stops = [() => Promise.resolve(rmSync(folder, { recursive: true }))];
    const standIns = await startStandIns(folder, stops);
    const { ftp } = standIns;
    const lists = ftp ? (await asked(`${ftp.control}/state`, 'GET'))['lists'] : {};
    return new OracleBench(standIns, stops, lists as Record<string, string>); // partners.ts
  }

  /** As a seed begins; Nora joins, due nothing yet. */
  async begin(): Promise<void> {
    const { ftp, otds } = this.standIns;
    await furnish(this.controls, 1);
    this.hr = new Hr(otds.url);
    this.devices = {};
    if (ftp) for (const [list, text] of Object.entries(this.#lists)) await this.publish(list, text);
    this.from = await baseline(this.controls);
    await this.hr.hire(NORA, { type: 'employee', department: 'IT', region: 'EMEA' });
  }

  /** Only our person matters: the seed company's people are in no state that the policy asks for. */
  async about(given: Given[] = []): Promise<string[]> {
    const ours = /nora|^needless|^beyond|^the list/;
    return (await this.judged(given)).filter((wrong) => ours.test(wrong));
  }

  judged(given: Given[] = []): Promise<string[]> {
    return judge(this.controls, CALLER, this.from, given, this.devices);
  }

  iconik(method: string, path: string, body?: unknown): Promise<Json> {
    const { appId, token } = application(0);
    return asked(`${this.standIns.iconik.url}/API${path}`, method, { 'App-ID': appId, 'Auth-Token': token }, body);
  }

  /** On the account plane; `v2` for the Permissions API. */
  cloudinary(method: string, path: string, body?: unknown, v2 = false): Promise<Json> {
    const { accountId, provisioningKey, provisioningSecret } = SECRETS;
    const plane = v2 ? `/v2/accounts/${accountId}/permissions` : `/v1_1/provisioning/accounts/${accountId}`;
    const authorization = `Basic ${Buffer.from(`${provisioningKey}:${provisioningSecret}`).toString('base64')}`;
    return asked(`${this.standIns.cloudinary.url}${plane}${path}`, method, { authorization }, body);
  }

  async exstream(method: string, path: string, body?: unknown): Promise<Json> {
    const url = `${this.standIns.exstream.url}/otdstenant/northwind/oauth2/token`;
    const authorization = `Bearer ${await this.#token(url)}`;
    return asked(`${this.standIns.exstream.url}/design/api/v1${path}`, method, { authorization }, body);
  }

  async otds(method: string, path: string, body?: unknown): Promise<Json> {
    const authorization = `Bearer ${await this.#token(`${this.standIns.otds.url}/otdsws/oauth2/token`)}`;
    return asked(`${this.standIns.otds.url}/otdsws/rest${path}`, method, { authorization }, body);
  }

  async #token(url: string): Promise<string> {
    const form = { grant_type: 'client_credentials', client_id: 'tenure', client_secret: SECRET, scope: 'otds:groups' };
    const reply = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
    return String(((await reply.json()) as Json)['access_token']);
  }

  /** Replaces a partner's list as Tenure does: a part beside it, renamed. */
  async publish(list: string, text: string): Promise<void> {
    const { ftp } = this.standIns;
    if (!ftp) throw new Error('There is no FTP server.');
    const [host = '', port] = ftp.host.split(':');
    const client = new Client();
    await client.access({ host, port: Number(port), user: USER, password: ftp.password });
    const path = join(ftp.home, `${list}.csv`);
    await client.uploadFrom(Readable.from([text]), join(ftp.home, `.${list}.csv.0123456789ab.part`));
    await client.rename(join(ftp.home, `.${list}.csv.0123456789ab.part`), path);
    client.close();
  }

  /** The list as it was, with these lines after it. */
  async list(list: string, ...lines: string[]): Promise<void> {
    await this.publish(list, [this.#lists[list] ?? '', ...lines.map((line) => `${line}\n`)].join(''));
  }

  async close(): Promise<void> {
    for (const stop of this.#stops.reverse()) await stop();
  }
}
