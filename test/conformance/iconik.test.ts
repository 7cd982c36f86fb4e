import { iconikTraits, openIconik } from './benches/iconik.ts';
import { conformance } from './suite.ts';

conformance(iconikTraits, openIconik);
