/** The servers that a seed disturbs, by the names of their faults and ledgers. */
export const SYSTEMS = ['otds', 'iconik', 'cloudinary', 'exstream', 'ftp', 'fcm'] as const;
export type System = (typeof SYSTEMS)[number];

/** Control addresses. `ftp` is absent where this machine has no proftpd. */
export type Controls = Record<Exclude<System, 'ftp'>, string> & { ftp?: string };

/** Who Tenure is where others call too. */
export const CALLER: Partial<Record<System, string>> = {
  otds: 'tenure@OAuthClients',
  iconik: 'tenure-service@northwind.example',
};
