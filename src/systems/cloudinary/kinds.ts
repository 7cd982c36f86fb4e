import type { KnownKind } from '../system.ts';

/** What a person can hold in Cloudinary, in the order in which it is taken away (CL7: groups, direct grants, environments, keys). `scoped`: the key ends with the cloud name of its environment. */
export const kinds: Readonly<Record<string, KnownKind>> = {
  group: { what: 'Member of the user group of that name: has what is granted to the group.' },
  'account-role': { what: 'A role of Permissions v2 on the whole account, by the last part of its id.' },
  role: { what: 'A role of the person alone on a whole environment, such as ml_user.', scoped: true },
  folder: {
    what: 'A role of the person alone on the folder at that path and everything below it, such as #contributor.',
    scoped: true,
  },
  collection: { what: 'A role of the person alone on the collection with that id.', scoped: true },
  content: {
    what: 'A role of the person alone on content of another kind: reported and taken away, never granted.',
    scoped: true,
  },
  environment: { what: 'May enter the product environment of that cloud name; what is done there needs roles.' },
  key: { what: 'An access key registered to the person; closed when they leave, otherwise left alone.', scoped: true },
};
