import { idOf } from './ids.ts';
import { minuteOf } from './seedPeople.ts';
import type { Asset, Field } from './state.ts';

type Row = [publicId: string, folder: string | null, kind: 'image' | 'video' | 'raw', status: string | null];

/** What is in the library: some of it waits for approval. */
const ROWS: Row[] = [
  ['brand-logo', 'Marketing', 'image', 'approved'],
  ['campaign-hero', 'Marketing/Campaigns', 'image', 'pending'],
  ['campaign-poster', 'Marketing/Campaigns', 'image', 'pending'],
  ['launch-banner', 'Marketing/EMEA', 'image', 'rejected'],
  ['aurora-teaser', 'Project Aurora/Trailers', 'video', 'pending'],
  ['aurora-key-art', 'Project Aurora', 'image', null],
  ['day-12-rushes', 'Post Production/Dailies', 'video', null],
  ['music-licence.pdf', 'Legal/Rights', 'raw', null],
  ['old-wallpaper', null, 'image', null],
  // In every new environment of the vendor, and in the examples of its clients.
  ['sample', null, 'image', null],
];

const FORMAT = { image: 'jpg', video: 'mp4', raw: null } as const;

export function seedAssets(env: string, folderId: (path: string) => string): Record<string, Asset> {
  const assets = ROWS.map(([publicId, folder, kind, status], i): Asset => {
    const at = minuteOf(60 + i);
    const pending = status === 'pending';
    return {
      asset_id: idOf('asset', publicId, 32),
      env,
      public_id: publicId,
      resource_type: kind,
      type: 'upload',
      format: FORMAT[kind],
      version: Math.floor(Date.parse(at) / 1000),
      width: kind === 'raw' ? null : 1920,
      height: kind === 'raw' ? null : 1080,
      bytes: 48_000 + i * 1000,
      etag: idOf('etag', publicId, 32),
      folder: folder === null ? null : folderId(folder),
      display_name: publicId,
      original_filename: publicId,
      tags: folder === 'Marketing/Campaigns' ? ['campaign', 'q4'] : [],
      context: {},
      metadata: pending ? { review_status: 'in_review' } : {},
      moderation: status === null ? [] : [{ kind: 'manual', status, updated_at: at }],
      access_control: pending ? [{ access_type: 'token' }] : null,
      related: [],
      created_at: at,
      updated_at: at,
      created_by: '314159265358979',
    };
  });
  return Object.fromEntries(assets.map((asset) => [asset.asset_id, asset]));
}

/** Fields that only the API writes tell how a review went. */
export function seedFields(env: string): Record<string, Field> {
  const open = { readonly_ui: false, hidden_ui: false, excluded_from_search: false };
  const common = {
    env,
    mandatory: false,
    default_value: null,
    validation: null,
    allow_dynamic_list_values: false,
    default_disabled: false,
    datasource: null,
    created_at: minuteOf(40),
  };
  const values = ['draft', 'in_review', 'approved', 'rejected'];
  const fields: Field[] = [
    {
      ...common,
      external_id: 'review_status',
      label: 'Review status',
      type: 'enum',
      restrictions: { ...open, readonly_ui: true },
      datasource: values.map((value, position) => ({ external_id: value, value, state: 'active', position })),
    },
    {
      ...common,
      external_id: 'approved_by',
      label: 'Approved by',
      type: 'string',
      restrictions: { ...open, readonly_ui: true },
    },
    {
      ...common,
      external_id: 'approved_at',
      label: 'Approved at',
      type: 'date',
      restrictions: { ...open, readonly_ui: true },
    },
    { ...common, external_id: 'rights_until', label: 'Rights until', type: 'date', restrictions: open },
  ];
  return Object.fromEntries(fields.map((field) => [`${env}/${field.external_id}`, field]));
}
