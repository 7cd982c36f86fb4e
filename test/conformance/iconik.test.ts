import { iconikTraits, legacyIconikTraits, openIconik, openLegacyIconik } from './benches/iconik.ts';
import { conformance } from './suite.ts';

conformance(iconikTraits, openIconik);
conformance(legacyIconikTraits, openLegacyIconik);
