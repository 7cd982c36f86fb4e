import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SECRETS as CLOUDINARY } from '../../sandbox/cloudinary/seed.ts';
import { application } from './furnish.ts';
import type { Servers } from './servers.ts';

const CONFIG = fileURLToPath(new URL('./tenure.yaml', import.meta.url));

/** Environment of one worker process of a seed; `slot`: which of those that run at once. */
export function workerEnv({ standIns, ...servers }: Servers, key: Buffer, slot: number): Record<string, string> {
  const { appId, token } = application(slot);
  const { ftp } = standIns;
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    TZ: 'UTC',
    // Workers start often: compiled code is kept between them.
    NODE_COMPILE_CACHE: join(tmpdir(), 'tenure-chaos-compiled'),
    DATABASE_URL: servers.ledgerUrl,
    TEMPORAL_ADDRESS: servers.temporalAddress,
    TENURE_CODEC_KEY: key.toString('base64'),
    TENURE_CODEC_KEY_ID: 'chaos',
    TENURE_CONFIG: CONFIG,
    TENURE_LOG_LEVEL: process.env['TENURE_LOG_LEVEL'] ?? 'warn',
    OTDS_URL: standIns.otds.url,
    OTDS_CLIENT_SECRET: 'otds-sandbox-secret',
    ICONIK_URL: standIns.iconik.url,
    ICONIK_APP_ID: appId,
    ICONIK_AUTH_TOKEN: token,
    CLOUDINARY_URL: standIns.cloudinary.url,
    CLOUDINARY_ACCOUNT_ID: CLOUDINARY.accountId,
    CLOUDINARY_PROVISIONING_KEY: CLOUDINARY.provisioningKey,
    CLOUDINARY_PROVISIONING_SECRET: CLOUDINARY.provisioningSecret,
    CLOUDINARY_API_KEY: CLOUDINARY.apiKey,
    CLOUDINARY_API_SECRET: CLOUDINARY.apiSecret,
    EXSTREAM_URL: standIns.exstream.url,
    FCM_URL: standIns.fcm.url,
    FCM_SERVICE_ACCOUNT_FILE: standIns.fcmKeyFile,
    ...(ftp
      ? { FTP_HOST: ftp.host, FTP_HOME: ftp.home, FTP_PASSWORD: ftp.password }
      : { TENURE_SYSTEMS: 'otds,iconik,cloudinary,exstream,push' }),
  };
}
