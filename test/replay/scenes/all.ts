import type { Scenes } from '../stage.ts';
import { directoryWatchScenes } from './directoryWatch.ts';
import { offboardingScenes } from './offboarding.ts';
import { onboardingScenes } from './onboarding.ts';
import { roleChangeScenes } from './roleChange.ts';

/** Workflow type → ending → how it is played. */
export const SCENES: Readonly<Record<string, Scenes>> = {
  onboarding: onboardingScenes,
  roleChange: roleChangeScenes,
  offboarding: offboardingScenes,
  directoryWatch: directoryWatchScenes,
};
