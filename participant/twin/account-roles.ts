import { ACCOUNT, sketchSize } from './columns.ts';
import { busyParts, inAdjacentParts } from './day-parts.ts';
import { FLAGS, MACHINE, SYSTEM } from './node-store.ts';
import type { RoleFacts } from './role-facts.ts';
import type { TwinState } from './twin-state.ts';

export const ACCOUNT_ROLES = [
  'machine',
  'operating system',
  'guest',
  'shared',
  'partner',
  'service',
  'help desk',
  'administrator',
  'person',
  'unknown',
] as const;
export type AccountRole = (typeof ACCOUNT_ROLES)[number];

interface Verdict {
  readonly role: AccountRole;
  readonly evidence: readonly string[];
}

/** Well-known accounts of Windows for visitors, in the languages it names them in. */
const GUEST = /^(?:guest|gast|invit[eé]|invitado|ospite|defaultaccount)(?:@|$)/;
/** Accounts that programs of the domain itself use. */
const OF_SYSTEM = /^(?:krbtgt|healthmailbox\w*|defaultappPool|iis apppool\S*)(?:@|$)/i;

/** Uses without which a rhythm says nothing. */
const ENOUGH = 20;
/** Hosts beyond which somebody does not only do their own work. */
const MANY = 8;

/** The first role whose signs are there. README has the list. */
export function accountRole(twin: TwinState, facts: RoleFacts, number: number): Verdict {
  const { records } = twin.accounts;
  const name = twin.accounts.name(number);
  const get = (column: number): number => records.get(number, column);
  const f = facts.account;
  const of = (column: Uint32Array): number => column[number] ?? 0;

  if ((get(FLAGS) & MACHINE) !== 0) return decided('machine', 'its name ends in $');
  if ((get(FLAGS) & SYSTEM) !== 0 || OF_SYSTEM.test(name))
    return decided('operating system', 'a name that the system gives its own parts');
  if (GUEST.test(name)) return decided('guest', 'the name of the account for visitors');
  if (facts.foreign[number] === 1)
    return decided('partner', `of another domain than most, which is ${facts.domain}`);

  const uses = get(ACCOUNT.uses);
  const [reached, desks, sat, jobs] = [of(f.reached), of(f.desks), of(f.sat), of(f.jobs)];
  if (sat >= 4) return decided('shared', `somebody sits at ${sat} hosts under it`);
  const handsOn = sat + get(ACCOUNT.newCredentials) + of(f.byRdp);
  if (jobs > 0 && handsOn === 0)
    return decided(
      'service',
      `services or jobs run under it on ${jobs} ${jobs === 1 ? 'host' : 'hosts'}`,
      'nobody sits behind it',
    );
  if (handsOn === 0 && uses >= ENOUGH) {
    const parts = busyParts(records, number, ACCOUNT.hours);
    if (parts >= 7)
      return decided('service', `busy in ${parts * 3} hours of every day`, 'nobody sits behind it');
    if (reached >= MANY && inAdjacentParts(records, number, ACCOUNT.hours, 2) >= 0.95) {
      return decided(
        'service',
        `goes to ${reached} hosts, always within the same six hours`,
        'nobody sits behind it',
      );
    }
    const sources = sketchSize(records.u32, number * ACCOUNT.width + ACCOUNT.sources);
    if (sources >= 12 && reached <= sources / 4)
      return decided('shared', `comes from about ${sources} hosts to ${reached}`);
  }
  const privileged = get(ACCOUNT.newCredentials) > 0 || of(f.byRdp) > 0;
  if (privileged && reached >= MANY) {
    const how = `reaches ${reached} hosts, ${desks} of them others' desks`;
    const why = 'uses other credentials or Remote Desktop';
    return desks * 10 >= reached * 4 ? decided('help desk', how, why) : decided('administrator', how, why);
  }
  if (sat > 0) return decided('person', `sits at ${sat === 1 ? 'one host' : `${sat} hosts`}`);
  if (uses >= 3)
    return decided(
      'person',
      `${uses} uses, in ${busyParts(records, number, ACCOUNT.hours) * 3} hours of the day`,
    );
  if (get(ACCOUNT.processes) > 0) return decided('person', `started ${get(ACCOUNT.processes)} programs`);
  return decided('unknown', uses === 0 ? 'it was only named' : `${uses} uses`);
}

function decided(role: AccountRole, ...evidence: string[]): Verdict {
  return { role, evidence };
}
