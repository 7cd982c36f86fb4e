import type { Shape } from '../push/shape.ts';

/** Request bodies as contract section 3 (SDK 16.3.0, and the newer FCM form of the event bus SDK) has them. */

const texts: Shape = { list: 'text' };
const map: Shape = { map: 'text' };

const androidNotification: Shape = {
  fields: {
    title: 'text',
    body: 'text',
    icon: 'text',
    color: 'text',
    sound: 'text',
    tag: 'text',
    clickAction: 'text',
    bodyLocKey: 'text',
    bodyLocArgs: texts,
    titleLocKey: 'text',
    titleLocArgs: texts,
  },
};

const androidConfig: Shape = {
  fields: {
    collapseKey: 'text',
    priority: 'text',
    ttl: 'text',
    restrictedPackageName: 'text',
    data: map,
    notification: androidNotification,
  },
};

export const PUSH: Shape = {
  fields: {
    broadcast: 'flag',
    clientIds: texts,
    users: texts,
    otdsGroups: texts,
    runtimes: texts,
    title: 'text',
    summary: 'text',
    data: { map: 'any' },
    geofence: {
      fields: { 'origin!': { fields: { 'longitude!': 'number', 'latitude!': 'number' } }, 'radius!': 'number' },
    },
    targetAppName: 'text',
    collapseKey: 'text',
    topicName: 'text',
    topicDestinationProjectId: 'text',
    androidConfig,
    apnsConfig: { fields: { aps: { map: 'any' }, headers: map, payload: { map: 'any' } } },
    webpushConfig: { fields: { headers: map, data: map, notification: { map: 'any' } } },
  },
};

export const WEB_NOTIFICATION: Shape = {
  fields: { providerKey: 'text', jsonPayload: 'text', clientIds: texts, userIds: texts },
};
