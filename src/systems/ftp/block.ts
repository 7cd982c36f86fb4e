import { z } from 'zod';
import { limits, mode, ms, secretRef, text } from '../../config/blocks.ts';
import { usablePath } from './names.ts';

const field = z
  .string()
  .regex(
    /^(=.*|[A-Za-z][A-Za-z0-9]*)$/su,
    'must be a field of the person (email, department, login, who …), or a constant =text',
  );
const anyOf = z.array(text).min(1, 'must name at least one').optional();

const partner = z.strictObject({
  protocol: z
    .enum(['ftps', 'ftps-implicit', 'sftp', 'ftp'])
    .default('ftps')
    .describe('ftps: explicit TLS on the FTP port; ftps-implicit: TLS from the first byte; ftp: in the clear'),
  host: z
    .string()
    .regex(/^[^\s/:@]+(:\d{1,5})?$/, 'must be a host name or host:port, without protocol, user or path')
    .describe('host or host:port; default port 21, 990 (ftps-implicit) or 22 (sftp)'),
  user: text,
  password: secretRef.optional(),
  privateKey: secretRef.optional().describe('SFTP: key instead of a password'),
  ca: secretRef.optional().describe('PEM of the authority of the server certificate, where it is a private one'),
  hostKey: text.optional().describe('SFTP: fingerprint SHA256:… of the host key, as ssh-keygen -l prints it'),
  allowPlain: z.boolean().default(false).describe('protocol ftp only: passwords and lists may travel in the clear'),
  list: z.strictObject({
    path: z.string().refine(usablePath, 'must be the path of a file, without .., backslash or control characters'),
    key: text.default('user').describe('Column that holds by what the partner knows the person: id of profile'),
    columns: z
      .record(text, field)
      .default({})
      .describe('Further columns: name in the header → field of the person, or =constant'),
    delimiter: z.string().length(1, 'must be one character').default(','),
    create: z.boolean().default(false).describe('true: a list that is not there is made with the first grant'),
  }),
  allow: z
    .strictObject({ types: anyOf, partitions: anyOf, groups: anyOf })
    .default({})
    .describe(
      'Who may be put on the list whatever the policy says: every part that is given must fit, any of its values',
    ),
  replaceMode: z
    .enum(['overwrite', 'delete-then-rename'])
    .default('overwrite')
    .describe('delete-then-rename: for servers that do not let a rename replace a file'),
  sessions: z
    .number()
    .int('must be a whole number')
    .min(1, 'must be at least 1')
    .default(2)
    .describe('Sessions at once'),
});

/** `systems.ftp` of `config/tenure.yaml`. */
export const ftpBlock = z.strictObject({
  mode,
  profile: z
    .strictObject({ id: field.default('who') })
    .prefault({})
    .describe('id: by what partners know people: who (login@partition), login, email …'),
  partners: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, 'must be a name in lower case, as in ftp:list/<name>'),
    partner,
  ),
  readLagMs: ms(0, 'How late a read may lag behind a write (servers behind one address)').default(0),
  limits: limits(20_000, 20, 4),
});

export type FtpConfig = z.infer<typeof ftpBlock>;
export type PartnerConfig = FtpConfig['partners'][string];

/** What is wrong beyond the shape. */
export function checkFtp(
  block: FtpConfig,
  report: (path: readonly (string | number)[], message: string) => void,
): void {
  for (const [name, it] of Object.entries(block.partners)) {
    const wrong = (key: string, message: string): void => report(['partners', name, key], message);
    if (it.protocol === 'ftp' && !it.allowPlain)
      wrong(
        'protocol',
        'Plain FTP sends password and list in the clear. Use ftps or sftp, or accept that with allowPlain: true.',
      );
    if (it.protocol === 'sftp' && !/^SHA256:[A-Za-z0-9+/]{43}=?$/.test(it.hostKey ?? ''))
      wrong('hostKey', 'SFTP needs the fingerprint of the host key (SHA256:…), asked from its owner: ssh-keygen -lf.');
    if (it.protocol === 'sftp' ? !it.password && !it.privateKey : !it.password)
      wrong('password', 'Say where the password is (env:NAME or file:/path), or for SFTP the privateKey.');
    if (it.list.key in it.list.columns)
      wrong('list', `Column ${it.list.key} is the key already; take it out of columns.`);
  }
}
