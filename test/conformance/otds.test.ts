import { otdsTraits, openOtds } from './benches/otds.ts';
import { conformance } from './suite.ts';

conformance(otdsTraits, openOtds);
