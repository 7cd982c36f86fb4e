import { runStandIn } from '../common/entry.ts';
import { SECRETS } from './seed.ts';
import { cloudinaryStandIn } from './standIn.ts';

/**
 * `node sandbox/cloudinary/main.ts --port N --control-port N [--data DIR] [--host H] [--strict] [--cloud NAME]
 * [--api-key K] [--api-secret S] [--account-id ID] [--provisioning-key K] [--provisioning-secret S]`; each of the last
 * six also as `CLOUDINARY_SANDBOX_…`.
 */
process.stderr.write(
  'This is a stand-in of Cloudinary for tests and trials, with made-up people only; it is not Cloudinary.\n',
);

const FLAGS = {
  cloud: ['cloud', 'CLOUDINARY_SANDBOX_CLOUD'],
  apiKey: ['api-key', 'CLOUDINARY_SANDBOX_API_KEY'],
  apiSecret: ['api-secret', 'CLOUDINARY_SANDBOX_API_SECRET'],
  accountId: ['account-id', 'CLOUDINARY_SANDBOX_ACCOUNT_ID'],
  provisioningKey: ['provisioning-key', 'CLOUDINARY_SANDBOX_PROVISIONING_KEY'],
  provisioningSecret: ['provisioning-secret', 'CLOUDINARY_SANDBOX_PROVISIONING_SECRET'],
} as const;

await runStandIn(
  (flags) => {
    const given = (name: keyof typeof FLAGS): string => {
      const [flag, variable] = FLAGS[name];
      return flags[flag] ?? process.env[variable] ?? SECRETS[name];
    };
    const secrets = {
      cloud: given('cloud'),
      apiKey: given('apiKey'),
      apiSecret: given('apiSecret'),
      accountId: given('accountId'),
      provisioningKey: given('provisioningKey'),
      provisioningSecret: given('provisioningSecret'),
    };
    return cloudinaryStandIn({ secrets, strict: flags['strict'] === 'true' });
  },
  Object.values(FLAGS).map(([flag]) => flag),
  ['strict'],
);
