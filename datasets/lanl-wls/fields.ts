import { remember } from '../input/remember.ts';
import { account } from '../windows-json/names.ts';

const KNOWN_NAMES = 2 ** 20;

/** The fields of one record at a time. Names that come back are the same strings. */
export class WlsFields {
  private record: Readonly<Record<string, unknown>> = {};
  private readonly words = remember((text) => text, KNOWN_NAMES);
  private readonly lower = remember((text) => text.toLowerCase(), KNOWN_NAMES);
  private readonly accounts = new Map<string, (realm: string) => string>();

  take(record: Readonly<Record<string, unknown>>): void {
    this.record = record;
  }

  /** A field as it stands; '' where the record does not have it as text or a number. */
  word(field: string): string {
    return this.words(this.text(field));
  }

  /** A field in lower case. */
  name(field: string): string {
    return this.lower(this.text(field));
  }

  /** A field that is a number not below zero and exact; -1 where it is not. */
  whole(field: string): number {
    const value = this.record[field];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : -1;
  }

  /** `account@domain`; '' where there is no account. */
  account(user: string, domain: string): string {
    const name = this.name(user);
    let ofName = this.accounts.get(name);
    if (ofName === undefined) {
      ofName = remember((realm) => account(name, realm));
      if (this.accounts.size < KNOWN_NAMES) this.accounts.set(name, ofName);
    }
    return ofName(this.name(domain));
  }

  private text(field: string): string {
    const value = this.record[field];
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '';
  }
}
