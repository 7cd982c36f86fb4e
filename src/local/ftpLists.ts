/** Partners' access lists as they are before Tenure: kept by hand so far, with a row of the partner's own, somebody who has left, and people who are missing. */
export const PARTNER_LISTS: Readonly<Record<string, string>> = {
  'acme.csv': [
    '# Kept for Acme, the agency. Ask their desk before you change rows that are not yours.',
    'user,mail,note',
    'desk@acme,desk@acme.example,"the agency\'s own, keep"',
    'lena.fischer@contractors,lena.fischer@northwind.example,spring campaign',
    'tom.weber@staff,tom.weber@northwind.example,trailers 2025',
    '',
  ].join('\r\n'),
  'printco.csv': ['user,note', 'rosa.print@partners,posters', 'ben.otto@staff,proofs', ''].join('\n'),
};
