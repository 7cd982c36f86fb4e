import type { HttpReply } from '../../http.ts';
import { isRecord } from '../../transport.ts';
import type { Sent } from '../channel.ts';
import { driverErrors, final } from '../errors.ts';
import { byStatus, slowDown } from '../wire.ts';

/** Every code of FCM. Its own texts never pass. */
export const fcmErrors = driverErrors('FCM', 'FCM', {
  KEY_FILE: final(
    'The service-account key file of systems.push.fcm is not one: take the JSON file that the Google Cloud console gave.',
  ),
  UNREGISTERED: final('The app is no longer on that device: the device is forgotten.'),
  FOREIGN_DEVICE: final('The device belongs to another Firebase project: it is forgotten.'),
  BAD_TOKEN: final('That is no device token of FCM: the device is forgotten.'),
  PLATFORM_CREDENTIALS: final(
    "The Firebase project's own credentials at Apple or for web push do not work: mend them in the Firebase console.",
  ),
});

const FCM_ERROR = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';

/** What a reply other than 200 says (contract section 4). */
export function refusal(reply: HttpReply): Sent {
  const { status } = reply;
  switch (errorCode(reply)) {
    case 'UNREGISTERED':
      return { state: 'rejected', code: fcmErrors.code('UNREGISTERED'), gone: true };
    case 'SENDER_ID_MISMATCH':
      return { state: 'rejected', code: fcmErrors.code('FOREIGN_DEVICE'), gone: true };
    case 'INVALID_ARGUMENT':
      return { state: 'rejected', code: fcmErrors.code('BAD_TOKEN'), gone: true };
    case 'THIRD_PARTY_AUTH_ERROR':
      return { state: 'rejected', code: fcmErrors.code('PLATFORM_CREDENTIALS') };
    case 'QUOTA_EXCEEDED':
      return { state: 'later', error: fcmErrors.error('RATE_LIMITED', { status, retryAt: slowDown(reply) }) };
    // Sent again under the same collapse key and tag, so that a device shows one notice whatever FCM did with the first.
    case 'INTERNAL':
    case 'UNAVAILABLE':
      return { state: 'later', error: fcmErrors.error('UNAVAILABLE', { status, retryAt: slowDown(reply) }) };
    default:
      // Without detail it is about our own permission, not about the device.
      if (status === 403 && !reply.garbled)
        return { state: 'later', error: fcmErrors.error('CREDENTIALS', { status }) };
      return byStatus(reply, fcmErrors) ?? { state: 'unknown', code: fcmErrors.code('LOST') };
  }
}

/** `UNREGISTERED` and so on, of the typed detail; undefined where there is none. */
export function errorCode(reply: HttpReply): string | undefined {
  const body = reply.garbled || reply.empty ? undefined : reply.json();
  const error = isRecord(body) ? body['error'] : undefined;
  const details: unknown[] = isRecord(error) && Array.isArray(error['details']) ? error['details'] : [];
  const detail = details.find((one) => isRecord(one) && one['@type'] === FCM_ERROR);
  const code = isRecord(detail) ? detail['errorCode'] : undefined;
  return typeof code === 'string' ? code : undefined;
}
