import { cloudinaryTraits, openCloudinary } from './benches/cloudinary.ts';
import { conformance } from './suite.ts';

conformance(cloudinaryTraits, openCloudinary);
