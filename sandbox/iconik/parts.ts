/** The parts of the state for what surrounds access: webhooks, identity providers, logs, an asset’s history. */
export const WEBHOOK_STATUSES = ['ENABLED', 'DISABLED', 'FAILING', 'DELETED'] as const;
export type Webhook = {
  id: string;
  event_type: string;
  status: (typeof WEBHOOK_STATUSES)[number];
  url: string;
  /** null = every realm, every operation, every object. */
  realm: string | null;
  operation: string | null;
  object_id: string | null;
  query: string | null;
  headers: Record<string, string>;
  name: string | null;
  description: string | null;
  first_failed_at: string | null;
  last_error: string | null;
  last_payload: string | null;
  deleted_at: string | null;
  date_created: string;
  date_modified: string;
  /** Deliveries in a row that failed with all their tries. */
  failures: number;
};

/** What a webhook is told: the fields that consumers read (contract section 11). */
export type Event = {
  realm: string;
  operation: string;
  object_type: string;
  object_id: string;
  user_id: string | null;
  date_created: string;
  data: Record<string, unknown>;
};
/** One try to deliver one event; `status` null where nothing answered. */
export type Delivery = {
  id: string;
  webhook: string;
  event: Event;
  attempt: number;
  status: number | null;
  at: string;
};

export const IDP_TYPES = ['onelogin.com', 'auth0.com', 'okta.com', 'GENERIC'] as const;
export type IdentityProvider = {
  id: string;
  public_id: string;
  type: (typeof IDP_TYPES)[number];
  settings: Record<string, unknown>;
  date_created: string;
  date_modified: string;
};
export type SamlDomain = { domain: string; identity_provider_id: string; system_domain_id: string };

export const LOG_METHODS = ['GOOGLE', 'AMAZON'] as const;
export type LogRecipient = {
  id: string;
  name: string;
  method: (typeof LOG_METHODS)[number];
  settings: Record<string, unknown>;
  date_created: string;
  date_modified: string;
};

/** What happened to an asset: no ACL and no user operations (contract section 9). */
export type HistoryEntry = {
  id: string;
  asset_id: string;
  operation_type: string;
  operation_description: string | null;
  user_id: string | null;
  share_id: string | null;
  share_user_id: string | null;
  job_id: string | null;
  version_id: string | null;
  date_created: string;
  date_modified: string;
};
