/**
 * `SendMessageRequest` as FCM's public description has it (FCM reference, npm `@googleapis/fcm` 5.5.1), in the names of the
 * protocol buffer. Every one is also known in lowerCamelCase.
 */
export type Field =
  | 'string'
  | 'bool'
  | 'int32'
  | 'float'
  | 'duration'
  | 'timestamp'
  | 'struct'
  | { values: readonly string[]; name: string }
  | { fields: Record<string, Field>; name: string }
  | { map: true; name: string }
  | { repeated: Field };

const PACKAGE = 'google.firebase.fcm.v1';
const data: Field = { map: true, name: 'DataEntry' };
const headers: Field = { map: true, name: 'HeadersEntry' };
const label: Record<string, Field> = { analytics_label: 'string' };

function message(name: string, fields: Record<string, Field>): Field {
  return { fields, name: `${PACKAGE}.${name}` };
}

const color = {
  name: 'google.type.Color',
  fields: { red: 'float', green: 'float', blue: 'float', alpha: 'float' },
} as const;

const androidNotification = message('AndroidNotification', {
  title: 'string',
  body: 'string',
  icon: 'string',
  color: 'string',
  sound: 'string',
  tag: 'string',
  click_action: 'string',
  body_loc_key: 'string',
  body_loc_args: { repeated: 'string' },
  title_loc_key: 'string',
  title_loc_args: { repeated: 'string' },
  channel_id: 'string',
  ticker: 'string',
  sticky: 'bool',
  event_time: 'timestamp',
  local_only: 'bool',
  notification_priority: {
    name: `${PACKAGE}.AndroidNotification.NotificationPriority`,
    values: [
      'PRIORITY_UNSPECIFIED',
      'PRIORITY_MIN',
      'PRIORITY_LOW',
      'PRIORITY_DEFAULT',
      'PRIORITY_HIGH',
      'PRIORITY_MAX',
    ],
  },
  default_sound: 'bool',
  default_vibrate_timings: 'bool',
  default_light_settings: 'bool',
  vibrate_timings: { repeated: 'duration' },
  visibility: {
    name: `${PACKAGE}.AndroidNotification.Visibility`,
    values: ['VISIBILITY_UNSPECIFIED', 'PRIVATE', 'PUBLIC', 'SECRET'],
  },
  notification_count: 'int32',
  light_settings: message('LightSettings', { color, light_on_duration: 'duration', light_off_duration: 'duration' }),
  image: 'string',
  bypass_proxy_notification: 'bool',
  proxy: {
    name: `${PACKAGE}.AndroidNotification.Proxy`,
    values: ['PROXY_UNSPECIFIED', 'ALLOW', 'DENY', 'IF_PRIORITY_LOWERED'],
  },
});

const android = message('AndroidConfig', {
  collapse_key: 'string',
  priority: { name: `${PACKAGE}.AndroidMessagePriority`, values: ['NORMAL', 'HIGH'] },
  ttl: 'duration',
  restricted_package_name: 'string',
  data,
  notification: androidNotification,
  fcm_options: message('AndroidFcmOptions', label),
  direct_boot_ok: 'bool',
  bandwidth_constrained_ok: 'bool',
  restricted_satellite_ok: 'bool',
});

export const SEND_REQUEST = {
  validate_only: 'bool',
  message: message('Message', {
    name: 'string',
    data,
    notification: message('Notification', { title: 'string', body: 'string', image: 'string' }),
    android,
    webpush: message('WebpushConfig', {
      headers,
      data,
      notification: 'struct',
      fcm_options: message('WebpushFcmOptions', { link: 'string', ...label }),
    }),
    apns: message('ApnsConfig', {
      headers,
      payload: 'struct',
      fcm_options: message('ApnsFcmOptions', { ...label, image: 'string' }),
      live_activity_token: 'string',
    }),
    fcm_options: message('FcmOptions', label),
    token: 'string',
    topic: 'string',
    condition: 'string',
  }),
} satisfies Record<string, Field>;
