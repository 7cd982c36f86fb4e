/** The parts of a compose file that are looked at. Everything may be missing or of another type: the checks say so. */
export type Service = {
  name: string;
  image: string | undefined;
  dockerfile: string | undefined;
  context: string | undefined;
  environment: Readonly<Record<string, string>>;
  /** Service → condition. */
  dependsOn: Readonly<Record<string, string>>;
  /** `source:target[:mode]`. */
  volumes: readonly string[];
  ports: readonly string[];
  restart: string | undefined;
  healthcheck: boolean;
  unknownKeys: readonly string[];
};

export type Compose = { services: readonly Service[]; volumes: readonly string[]; unknownKeys: readonly string[] };

const TOP_KEYS = ['name', 'services', 'volumes'];
const SERVICE_KEYS = [
  ...['image', 'build', 'init', 'restart', 'environment', 'depends_on', 'volumes', 'ports', 'healthcheck'],
  ...['entrypoint', 'command', 'stop_grace_period'],
];

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}; // an object with string keys
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const texts = (value: unknown): string[] => (Array.isArray(value) ? value.map((item) => String(item)) : []);
const stringValues = (value: unknown): Record<string, string> =>
  Object.fromEntries(Object.entries(fields(value)).map(([key, item]) => [key, String(item)]));

function service(name: string, raw: unknown): Service {
  const all = fields(raw);
  const build = fields(all['build']);
  const waits = Array.isArray(all['depends_on'])
    ? texts(all['depends_on']).map((other) => [other, 'service_started'])
    : Object.entries(fields(all['depends_on'])).map(([other, how]) => [other, String(fields(how)['condition'])]);
  return {
    name,
    image: text(all['image']),
    dockerfile: text(build['dockerfile']),
    context: text(build['context']),
    environment: stringValues(all['environment']),
    dependsOn: Object.fromEntries(waits) as Record<string, string>, // pairs of strings
    volumes: texts(all['volumes']),
    ports: texts(all['ports']),
    restart: text(all['restart']),
    healthcheck: all['healthcheck'] !== undefined,
    unknownKeys: Object.keys(all).filter((key) => !SERVICE_KEYS.includes(key)),
  };
}

/** Reads what the YAML library gave. */
export function composeOf(value: unknown): Compose {
  const all = fields(value);
  return {
    services: Object.entries(fields(all['services'])).map(([name, raw]) => service(name, raw)),
    volumes: Object.keys(fields(all['volumes'])),
    unknownKeys: Object.keys(all).filter((key) => !TOP_KEYS.includes(key) && !key.startsWith('x-')),
  };
}
