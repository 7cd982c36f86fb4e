import { exstreamTraits, openExstream } from './benches/exstream.ts';
import { conformance } from './suite.ts';

conformance(exstreamTraits, openExstream);
