import { ByteStrings } from '../input/byte-strings.ts';
import { account } from '../windows-json/names.ts';
import type { FlatObject } from './flat-object.ts';

/** Fields that are read, in this order. */
export const FIELDS = [
  'EventID',
  'Time',
  'LogHost',
  'UserName',
  'DomainName',
  'SubjectUserName',
  'SubjectDomainName',
  'Source',
  'Destination',
  'ServiceName',
  'Status',
  'AuthenticationPackage',
  'LogonType',
  'ProcessName',
  'ParentProcessName',
] as const;

export type Field = (typeof FIELDS)[number];

const INDEX = Object.fromEntries(FIELDS.map((name, index) => [name, index])) as Readonly<
  Record<Field, number>
>;
const KNOWN_ACCOUNTS = 2 ** 20;

/** The fields of the present record, with names that come back as the same strings. */
export class WlsFields {
  private readonly object: FlatObject;
  private readonly lower = new ByteStrings((text) => text.toLowerCase());
  private readonly words = new ByteStrings((text) => text);
  private readonly accounts = new Map<string, Map<string, string>>();
  private known = 0;

  constructor(object: FlatObject) {
    this.object = object;
  }

  /** A field as it stands; '' where the record does not have it. */
  word(field: Field): string {
    return this.object.text(this.words, INDEX[field]);
  }

  /** A field in lower case. */
  name(field: Field): string {
    return this.object.text(this.lower, INDEX[field]);
  }

  /** A field as a whole number, -1 where it is none. */
  whole(field: Field): number {
    return this.object.whole(INDEX[field]);
  }

  /** `account@domain`; '' where there is no account. */
  account(user: Field, domain: Field): string {
    const name = this.name(user);
    const realm = this.name(domain);
    let ofUser = this.accounts.get(name);
    let full = ofUser?.get(realm);
    if (full !== undefined) return full;
    full = account(name, realm);
    if (this.known < KNOWN_ACCOUNTS) {
      this.known++;
      if (ofUser === undefined) this.accounts.set(name, (ofUser = new Map<string, string>()));
      ofUser.set(realm, full);
    }
    return full;
  }
}
