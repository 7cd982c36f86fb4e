import type { CodecKeys } from '../../src/config/env.ts';

/** Encrypts the recorded histories, so that they hold what a real server would hold. Public on purpose: nobody else may use it. */
export const REPLAY_KEYS: CodecKeys = {
  current: { id: 'replay', key: new Uint8Array(Buffer.from('no secret: only replays use this'.slice(0, 32))) },
  old: [],
};
