/**
 * What the clients of a chaos run assume otherwise than in production: no pause is longer than the run, and two targets read late. The read lag is
 * declared, so it must be waited out; `stale` faults stay well within it (faults.ts).
 */
import { defaultChoices as cloudinary } from '../../src/systems/cloudinary/choices.ts';
import { defaultChoices as exstream } from '../../src/systems/exstream/choices.ts';
import { defaultChoices as ftp } from '../../src/systems/ftp/choices.ts';
import { defaultChoices as iconik } from '../../src/systems/iconik/choices.ts';

const READ_LAG_MS = 1_500;
const PAUSE_MS = 500;

export function shorten(): void {
  Object.assign(cloudinary, {
    readLagMs: READ_LAG_MS,
    credentialsWaitMs: PAUSE_MS,
    rateLimitWaitMs: PAUSE_MS,
    requestsPerChange: 4,
  });
  Object.assign(iconik, { readLagMs: READ_LAG_MS, credentialsWaitMs: PAUSE_MS, rateLimitWaitMs: PAUSE_MS });
  Object.assign(exstream, { loginPauseMs: PAUSE_MS });
  Object.assign(ftp, { credentialsWaitMs: PAUSE_MS });
}
