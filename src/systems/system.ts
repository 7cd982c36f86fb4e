import type { z } from 'zod';
import type { SecretRef, SystemConfig } from '../config/types.ts';
import type { Path } from '../config/yamlFile.ts';
import type { HttpLog } from './http.ts';
import type { Directory, Messenger, Target } from './port.ts';
import type { DeviceRegistry, NoticeLog } from './push/ports.ts';

/** What a rule may grant on a system. The policy reader knows this without asking the system. */
export type KnownKind = {
  /** What holding it means. */
  what: string;
  /** True: the key must end with `@scope` (an OTDS group with its partition, a role with its domain). */
  scoped?: boolean;
  /** Levels, one of which the key must name after `#`. */
  levels?: readonly string[];
};

/** What a policy can say about a system. */
export type Vocabulary = {
  kinds: Readonly<Record<string, KnownKind>>;
  /** Account attributes a rule may set. */
  profile: readonly string[];
};

/** What a system is made with besides its block. */
export type SystemDeps = {
  /** The value behind `env:NAME` or `file:/path`; asked when needed, kept nowhere. @throws with a sentence. */
  secret: (ref: SecretRef) => string;
  log: HttpLog;
  /** Name of the system that people are read from: its uuids are theirs. Default `otds`. */
  directory?: string;
  /** Kept in the ledger's database; absent in a process that has no ledger. */
  devices?: DeviceRegistry;
  notices?: NoticeLog;
};

/** A system ready to use. No request was made yet. */
export type ConnectedSystem = {
  /** Where access is granted and revoked. */
  target?: Target;
  /** Where people are read. */
  directory?: Directory;
  /** How people are told. */
  messenger?: Messenger;
  /** Ends idle connections. */
  close(): Promise<void>;
};

/** Tells a mistake: path within the block, what is wrong and what to do. */
export type ReportBlock = (path: Path, message: string) => void;

/** One system: everything that the rest of Tenure has to know of a folder under `src/systems/`. Registered in `all.ts`. */
export type SystemModule = {
  /** Key of its block in `systems:`, name of its task queue, and what stands before `:` in its entitlements. */
  name: string;
  /** Shape of its block in `config/tenure.yaml`. */
  block: z.ZodType;
  vocabulary: Vocabulary;
  /** What is wrong with a block beyond its shape. */
  check: (block: SystemConfig, report: ReportBlock) => void;
  /** Secrets that will be needed: path within the block and reference. */
  secrets: (block: SystemConfig) => readonly (readonly [Path, SecretRef])[];
  create: (block: SystemConfig, deps: SystemDeps) => ConnectedSystem;
};

type Definition<B extends z.ZodType> = {
  name: string;
  block: B;
  /** Absent: nothing can be held there (a directory only). */
  vocabulary?: Vocabulary;
  check?: (block: z.infer<B>, report: ReportBlock) => void;
  /** Default: every text of the block that is a reference. */
  secrets?: (block: z.infer<B>) => readonly (readonly [Path, SecretRef])[];
  create: (block: z.infer<B>, deps: SystemDeps) => ConnectedSystem;
};

/** Describes a system with the types of its own block. The loader has checked a block before it comes here, so the casts hold. */
export function defineSystem<B extends z.ZodType<SystemConfig>>(definition: Definition<B>): SystemModule {
  const { name, block, vocabulary, check, secrets, create } = definition;
  return {
    name,
    block,
    vocabulary: vocabulary ?? { kinds: {}, profile: [] },
    check: (value, report) => check?.(value as z.infer<B>, report),
    secrets: (value) => (secrets ? secrets(value as z.infer<B>) : references(value, [])),
    create: (value, deps) => create(value as z.infer<B>, deps),
  };
}

function references(value: unknown, path: Path): (readonly [Path, SecretRef])[] {
  if (typeof value === 'string') return /^(env|file):/.test(value) ? [[path, value]] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    references(member, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
