import { fileURLToPath } from 'node:url';
import type { PayloadCodec } from '@temporalio/common';
import type { CodecKeys } from '../config/env.ts';
import { createCodec } from './codec.ts';

/** Path of the failure converter, for whoever loads it by path (worker, client, workflow bundle). */
export const failureConverterPath = fileURLToPath(new URL('./failureConverter.ts', import.meta.url));

export type TenureDataConverter = { payloadCodecs: PayloadCodec[]; failureConverterPath: string };

/** The one data converter of every worker, client and test: payloads encrypted, failures reduced and readable. */
export function dataConverter(keys: CodecKeys): TenureDataConverter {
  return { payloadCodecs: [createCodec(keys)], failureConverterPath };
}
