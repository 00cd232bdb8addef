import type { Role, World } from './world.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Gives hosts and accounts their names and numbers while a world is being built. */
export class Names {
  readonly lists: Mutable<
    Pick<
      World,
      | 'hostNames'
      | 'hostOwner'
      | 'hostRole'
      | 'accountNames'
      | 'machineAccount'
      | 'systemAccount'
      | 'anonymousAccount'
    >
  > = {
    hostNames: [],
    hostOwner: [],
    hostRole: [],
    accountNames: [],
    machineAccount: [],
    systemAccount: [],
    anonymousAccount: [],
  };
  private people = 0;

  /** A host with its machine account, its SYSTEM account and, in the core, its account of null sessions. */
  host(owner: number, role: Role, domain: string): number {
    const number = this.source(owner, role);
    const name = this.lists.hostNames[number] ?? '';
    this.lists.machineAccount[number] = this.account(`${name}$@${domain}`);
    this.lists.systemAccount[number] = this.account(`SYSTEM@${name}`);
    if (role === 'dc' || role === 'hub') {
      this.lists.anonymousAccount[number] = this.account(`ANONYMOUS LOGON@${name}`);
    }
    return number;
  }

  /** A name that logons come from: an address of a pool, a gateway. It looks like a host's. */
  source(owner: number, role: Role): number {
    const { lists } = this;
    const number = lists.hostNames.push(`C${lists.hostNames.length + 1}`) - 1;
    lists.hostOwner.push(owner);
    lists.hostRole.push(role);
    lists.machineAccount.push(-1);
    lists.systemAccount.push(-1);
    lists.anonymousAccount.push(-1);
    return number;
  }

  person(domain: string): number {
    return this.account(`U${++this.people}@${domain}`);
  }

  private account(name: string): number {
    return this.lists.accountNames.push(name) - 1;
  }
}
