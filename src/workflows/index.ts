export { onboarding } from './onboarding.ts';
export { roleChange } from './roleChange.ts';
export { offboarding } from './offboarding.ts';
export { directoryWatch } from './directoryWatch.ts';
