import type { CallContext } from '../port.ts';
import type { IconikClient } from './client.ts';
import { iconikError } from './errors.ts';
import { currentUserReply } from './replies.ts';

/** `simplified`: teams say who sees what, role groups what one may do. `legacy`: one kind of group says both (contract section 2). */
export type AccessModel = 'simplified' | 'legacy';

/** Which model the domain has. A migration has no way back, so only `legacy` is asked for again. */
export class AccessModelOf {
  private readonly client: IconikClient;
  private migrated = false;
  private own: string | undefined;

  constructor(client: IconikClient) {
    this.client = client;
  }

  async get(call: CallContext): Promise<AccessModel> {
    if (!this.migrated) await this.look(call);
    return this.migrated ? 'simplified' : 'legacy';
  }

  /** Id of the user that our token acts as. */
  async ownUserId(call: CallContext): Promise<string> {
    return this.own ?? (await this.look(call));
  }

  /** Throws ICONIK_OTHER_MODEL for an entitlement that the domain's model does not have. `about`: its key. */
  async require(model: AccessModel, about: string, call: CallContext): Promise<void> {
    if ((await this.get(call)) !== model) throw iconikError('ICONIK_OTHER_MODEL', { about });
  }

  private async look(call: CallContext): Promise<string> {
    const current = await this.client.get('/API/users/v1/users/current/', currentUserReply, call);
    this.migrated = current.has_domain_been_migrated_to_simplified_acls === true;
    this.own = current.id;
    return current.id;
  }
}
