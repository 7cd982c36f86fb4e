import { z } from 'zod';
import { deleteAfterDays, limits, mode, origin, profile, secretRef, text } from '../../config/blocks.ts';

const cloudName = z.string().regex(/^[A-Za-z0-9_-]+$/, 'must be a cloud name: letters, digits, "-" and "_"');

/** `systems.cloudinary` of `config/tenure.yaml`. */
export const block = z.strictObject({
  url: origin.describe('https://api.cloudinary.com, api-eu, api-ap, or a host of your own'),
  mode,
  accountId: text,
  provisioningKey: text.describe('Key of the account plane: users, groups, environments, roles'),
  provisioningSecret: secretRef,
  environments: z
    .array(z.strictObject({ cloud: cloudName, apiKey: text, apiSecret: secretRef }))
    .min(1, 'must name at least one product environment')
    .describe('Product environments whose folders Tenure reads, each with a key of its own'),
  fallbackEnvironment: cloudName.describe(
    'Cloud name of an environment without content: Cloudinary cannot say "no environment", so who has none is confined to it',
  ),
  keyOwners: z
    .record(text, z.array(text).min(1, 'must name at least one person'))
    .default({})
    .describe('Name of an access key → its owners, login@partition; Cloudinary itself knows none'),
  profile: profile({ email: 'email', name: 'attributes.displayName', role: '=media_library_user' }),
  deleteAfterDays,
  limits: limits(20_000, 10, 4),
});

export type CloudinaryConfig = z.infer<typeof block>;
