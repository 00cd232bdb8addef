import Type, { type Static } from 'typebox';
import { plainText } from '../../protocol/messages/text.ts';

const closed = { additionalProperties: false };
const Line = Type.String({ minLength: 1, maxLength: 1000 });

/** A file of a data set. What the publisher does not say is null. */
export const CatalogueFile = Type.Object(
  {
    /** Relative to the folder of the data set; `safePath` has the rules. */
    path: Type.String({ minLength: 1, maxLength: 300 }),
    /** Where the publisher serves it; null where no program may ask. */
    url: Type.Union([Type.String({ maxLength: 1000 }), Type.Null()]),
    bytes: Type.Union([Type.Integer({ minimum: 0, maximum: 2 ** 44 }), Type.Null()]),
    sha256: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()]),
  },
  closed,
);
export type CatalogueFile = Static<typeof CatalogueFile>;

/** A public data set: what it is, under which terms, and which files it has. */
export const CatalogueEntry = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,39}$' }),
    title: Line,
    publisher: Line,
    /** Page of the publisher. */
    home: Line,
    licence: Line,
    cite: Line,
    /** Names of the formats its files have, as `cordon datasets inspect` tells them. */
    formats: Type.Array(Line, { maxItems: 20 }),
    /** `form`: a person must ask the publisher first. */
    access: Type.Union([Type.Literal('direct'), Type.Literal('form')]),
    note: Type.String({ maxLength: 2000 }),
    files: Type.Array(CatalogueFile, { maxItems: 100_000 }),
  },
  closed,
);
export type CatalogueEntry = Static<typeof CatalogueEntry>;

/** Why a path of a catalogue may not be written to, or null. Paths come from files that others wrote. */
export function unsafePath(path: string): string | null {
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) return 'is absolute';
  if (path.includes('\\') || plainText(path) !== path) return 'has a control character or a backslash';
  if (path.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    return 'has an empty part, . or ..';
  }
  return null;
}

/**
 * Why an address of a catalogue may not be asked, or null: HTTPS, or HTTP to this machine, and no credentials.
 * @param from what led there: a publisher elsewhere does not send programs to this machine
 */
export function unsafeUrl(text: string, from: string = text): string | null {
  const url = URL.parse(text);
  if (url === null) return 'is no address';
  if (url.username !== '' || url.password !== '') return 'holds a user name or password';
  if (url.protocol === 'https:') return null;
  const local = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.protocol === 'http:' && local && URL.parse(from)?.protocol === 'http:' ? null : 'is not https';
}
