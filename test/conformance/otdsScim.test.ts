import { openOtds, otdsTraits } from './benches/otds.ts';
import { conformance } from './suite.ts';

conformance({ ...otdsTraits, name: 'otds by SCIM' }, () =>
  openOtds({ via: 'scim', user: '', clientId: 'tenure', clientSecret: 'env:OTDS_CLIENT_SECRET' }),
);
