import { driverErrors } from '../errors.ts';

/** Every code of OpenText Notifications. Its own texts never pass. */
export const notificationsErrors = driverErrors('NOTIFICATIONS', 'OpenText Notifications', {});
