import { driverErrors } from '../errors.ts';

/** Every code of the AppWorks Gateway. Its own texts never pass. */
export const otagErrors = driverErrors('OTAG', 'The AppWorks Gateway', {});
