/**
 * Filters as objects: values travel as they are, so nothing has to be escaped. A text form would not do: ldapts turns escaped bytes above 7f, as in
 * every GUID, into other ones.
 */
import {
  AndFilter,
  EqualityFilter,
  FilterParser,
  GreaterThanEqualsFilter,
  NotFilter,
  OrFilter,
  PresenceFilter,
} from 'ldapts';
import type { Filter } from 'ldapts';

export type { Filter };

export const anything: Filter = new PresenceFilter({ attribute: 'objectClass' });

/** A filter of the configuration. @throws where it is none. */
export const written = (text: string): Filter => FilterParser.parseString(text);

export const and = (...filters: Filter[]): Filter => new AndFilter({ filters });

export const or = (...filters: Filter[]): Filter => new OrFilter({ filters });

export const not = (filter: Filter): Filter => new NotFilter({ filter });

export const equals = (attribute: string, value: string | Buffer): Filter => new EqualityFilter({ attribute, value });

export const atLeast = (attribute: string, value: string): Filter => new GreaterThanEqualsFilter({ attribute, value });
