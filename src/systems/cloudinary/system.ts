import { splitWho } from '../../domain/person.ts';
import { defineSystem } from '../system.ts';
import { profileAttributes } from './account.ts';
import { block } from './config.ts';
import { kinds } from './kinds.ts';
import { createCloudinary } from './target.ts';

export const cloudinarySystem = defineSystem({
  name: 'cloudinary',
  block,
  vocabulary: { kinds, profile: profileAttributes },
  check: ({ environments, keyOwners }, report) => {
    environments.forEach(({ cloud }, i) => {
      if (environments.findIndex((one) => one.cloud === cloud) < i)
        report(['environments', i, 'cloud'], `"${cloud}" is there twice; leave one of them out.`);
    });
    for (const [name, owners] of Object.entries(keyOwners))
      owners.forEach((owner, i) => {
        if (!splitWho(owner)) report(['keyOwners', name, i], `"${owner}" must be written login@partition.`);
      });
  },
  create: (config, deps) => createCloudinary(config, deps),
});
