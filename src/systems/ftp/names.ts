/** Names on other people's servers: those we are given in the configuration, and those a server tells us. */

/** A configured path of a file that may be sent: no control characters (they could forge commands), no way up, a name at its end. */
export function usablePath(path: string): boolean {
  return path !== '' && !/[\p{Cc}\\]/u.test(path) && !path.endsWith('/') && !path.split('/').includes('..');
}

/** A listed name that may be joined to its folder. Anything else in a listing is passed over: it is hostile or cannot be addressed. */
export function usableName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && name.length <= 255 && !/[\p{Cc}/\\]/u.test(name);
}

/** Folder and name of a path; the folder of a bare name is `.`. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return { folder: '.', name: path };
  return { folder: slash === 0 ? '/' : path.slice(0, slash), name: path.slice(slash + 1) };
}

export const inFolder = (folder: string, name: string): string =>
  folder === '.' ? name : `${folder === '/' ? '' : folder}/${name}`;

/** Where content is uploaded before it gets its name: bound to the content, so that a part of other content is never extended. */
export function partPath(path: string, sha256: string): string {
  const { folder, name } = splitPath(path);
  return inFolder(folder, `.${name}.${sha256.slice(0, 12)}.part`);
}

/** Is this listed name a part of the file `name`? */
export function isPartOf(name: string, listed: string): boolean {
  return listed.startsWith(`.${name}.`) && /^[0-9a-f]{12}\.part$/.test(listed.slice(name.length + 2));
}
