import { accountRole, type AccountRole } from './account-roles.ts';
import { hostRole, type HostRole } from './host-roles.ts';
import { type RoleFacts, roleFacts } from './role-facts.ts';
import type { TwinState } from './twin-state.ts';

/** What a host or an account is by what it does, and why in plain words. */
export interface Judged<Role> {
  readonly name: string;
  readonly role: Role;
  /** Never empty; the first is what decided. */
  readonly evidence: readonly string[];
}

/**
 * Roles of all hosts and accounts, read from the state as it is: the same state gives the same roles. What was read of
 * the edges is kept for all questions, so ask a new one after more events.
 */
export class TwinRoles {
  readonly #twin: TwinState;
  readonly #facts: RoleFacts;

  constructor(twin: TwinState) {
    this.#twin = twin;
    this.#facts = roleFacts(twin);
  }

  /** Null where the twin has no such host. */
  host(name: string): Judged<HostRole> | null {
    const number = this.#twin.hosts.find(name);
    return number < 0 ? null : this.#host(number);
  }

  /** Null where the twin has no such account. */
  account(name: string): Judged<AccountRole> | null {
    const number = this.#twin.accounts.find(name);
    return number < 0 ? null : this.#account(number);
  }

  /** In order of names. */
  hosts(): Judged<HostRole>[] {
    return Array.from(this.#twin.hosts.sorted(), (number) => this.#host(number));
  }

  /** In order of names. */
  accounts(): Judged<AccountRole>[] {
    return Array.from(this.#twin.accounts.sorted(), (number) => this.#account(number));
  }

  #host(number: number): Judged<HostRole> {
    const name = this.#twin.hosts.name(number);
    return { name, ...hostRole(this.#twin, this.#facts, number) };
  }

  #account(number: number): Judged<AccountRole> {
    return { name: this.#twin.accounts.name(number), ...accountRole(this.#twin, this.#facts, number) };
  }
}
