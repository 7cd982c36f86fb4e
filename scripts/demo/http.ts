/** Plain requests to systems and to the control addresses of their stand-ins. */
export type Json = Record<string, unknown>;

export type Request = { method?: string; headers?: Record<string, string>; body?: unknown };

/** Answers the JSON of a reply; an empty one is `{}`. @throws with method, address, status and text of a refusal. */
export async function ask<T = Json>(url: string, { method = 'GET', headers = {}, body }: Request = {}): Promise<T> {
  const reply = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${url} was answered ${reply.status}: ${text.slice(0, 300)}`);
  return (text === '' ? {} : JSON.parse(text)) as T; // the caller knows the system's shape
}
