import type { Compose, Service } from './model.ts';

/** What a rule may ask of the world. */
export type Surroundings = {
  exists: (path: string) => boolean;
  /** Text of `deploy/.env.example`. */
  example: string;
  /** Text of `docker-compose.yml`, for the variables in it. */
  source: string;
};

const oneShot = (service: Service): boolean => service.restart?.startsWith('on-failure') === true;

/** A tag that somebody chose: not absent, not `latest`, not a variable. */
const pinned = (image: string): boolean => /(@sha256:[0-9a-f]{64}|:(?!latest$)[\w][\w.-]*)$/.test(image);

function images({ name, image, dockerfile, context }: Service, { exists }: Surroundings): string[] {
  const problems: string[] = [];
  if (image === undefined) problems.push(`service ${name} has no image; give it one with a version`);
  else if (!pinned(image)) problems.push(`service ${name}: image ${image} is not pinned; write its version`);
  for (const [what, path] of [
    ['build context', context],
    ['Dockerfile', dockerfile],
  ] as const) {
    if (path !== undefined && !exists(path)) problems.push(`service ${name}: ${what} ${path} does not exist`);
  }
  return problems;
}

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'];

function waits({ name, dependsOn }: Service, all: readonly Service[]): string[] {
  return Object.entries(dependsOn).flatMap(([other, condition]) => {
    const target = all.find((service) => service.name === other);
    if (target === undefined) return [`service ${name} waits for ${other}, which is no service here`];
    if (!CONDITIONS.includes(condition))
      return [`service ${name} waits for ${other} by "${condition}", which is no condition`];
    if (condition === 'service_healthy' && !target.healthcheck)
      return [`service ${name} waits until ${other} is healthy, but ${other} has no healthcheck`];
    if (condition === 'service_completed_successfully' && !oneShot(target))
      return [`service ${name} waits for the end of ${other}, which restarts for ever (restart: ${target.restart})`];
    return [];
  });
}

function mounts({ name, volumes }: Service, declared: readonly string[], { exists }: Surroundings): string[] {
  return volumes.flatMap((volume) => {
    const [source = '', target = '', mode] = volume.split(':');
    if (target === '') return [`service ${name}: volume "${volume}" has no target (an anonymous volume is lost)`];
    if (!source.startsWith('.'))
      return declared.includes(source) ? [] : [`service ${name}: volume ${source} is not declared under "volumes"`];
    if (!exists(source)) return [`service ${name}: ${source} is mounted and does not exist`];
    return mode === 'ro' ? [] : [`service ${name}: ${source} of the project is mounted writable; add :ro`];
  });
}

/** Keys that hold a secret. Not `…_KEY_ID`. */
const SECRET = /(PASSWORD|PWD|SECRET|TOKEN|KEYS?)$/;
const REQUIRED = /^\$\{[A-Z0-9_]+:\?[^}]+\}$/;
const OPTIONAL_EMPTY = /^\$\{[A-Z0-9_]+:-\}$/;

function secrets({ name, environment }: Service): string[] {
  return Object.entries(environment).flatMap(([key, value]) => {
    const password = /:\/\/[^:@/]+:(?!\$\{[A-Z0-9_]+:\?)[^@]*@/.test(value);
    if (password) return [`service ${name}: the password in ${key} must be a required variable, \${NAME:?what it is}`];
    if (!SECRET.test(key) || REQUIRED.test(value) || OPTIONAL_EMPTY.test(value)) return [];
    return [`service ${name}: ${key} must be a required variable without default, \${NAME:?what it is}`];
  });
}

function openness({ name, ports, restart, healthcheck, unknownKeys }: Service): string[] {
  const problems = unknownKeys.map(
    (key) => `service ${name}: "${key}" is not looked at by this check; teach it, or remove it`,
  );
  for (const port of ports) {
    if (!port.startsWith('127.0.0.1:'))
      problems.push(`service ${name}: port ${port} is open to the network; write 127.0.0.1:${port}`);
  }
  if (restart === undefined) problems.push(`service ${name} does not say when it restarts`);
  if (!healthcheck && !restart?.startsWith('on-failure')) problems.push(`service ${name} has no healthcheck`);
  return problems;
}

/** Every variable is explained in the example, and nothing else stands there. */
function variables({ source, example }: Surroundings): string[] {
  const withoutComments = source.replace(/^\s*#.*$/gm, '');
  const used = new Set(Array.from(withoutComments.matchAll(/\$\{([A-Z0-9_]+)/g), ([, name = '']) => name));
  const documented = new Map(
    Array.from(example.matchAll(/^([A-Z0-9_]+)=(.*)$/gm), ([, name = '', value = '']) => [name, value]),
  );
  return [
    ...[...used]
      .filter((name) => !documented.has(name))
      .map((name) => `variable ${name} is not explained in deploy/.env.example`),
    ...[...documented.keys()]
      .filter((name) => !used.has(name))
      .map((name) => `deploy/.env.example explains ${name}, which nothing uses`),
    ...[...documented]
      .filter(([name, value]) => SECRET.test(name) && value !== '')
      .map(([name]) => `deploy/.env.example gives ${name} a value; a secret has none there`),
  ];
}

/** Everything that is wrong with a compose file, one sentence each. */
export function problemsOf(compose: Compose, around: Surroundings): string[] {
  const { services } = compose;
  return [
    ...compose.unknownKeys.map((key) => `"${key}" at the top is not looked at by this check; teach it, or remove it`),
    ...(services.length === 0 ? ['there are no services'] : []),
    ...services.flatMap((service) => [
      ...images(service, around),
      ...waits(service, services),
      ...mounts(service, compose.volumes, around),
      ...secrets(service),
      ...openness(service),
    ]),
    ...variables(around),
  ];
}
