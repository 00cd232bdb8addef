import Type, { type Static } from 'typebox';
import { closed } from '../../../protocol/messages/fields.ts';
import { LogonWay, OneOf, Range, TechniqueId, Weights } from './parts.ts';

/** Hosts that a move may go to, or an intruder may begin at. */
export const HOST_GROUPS = [
  'host',
  'server',
  'workstation',
  'dc',
  'hub',
  'portal',
  'file',
  'app',
  'db',
  'web',
  'terminal',
  'backup',
  'exchange',
  'jump',
] as const;
export type HostGroup = (typeof HOST_GROUPS)[number];

/** Whose account is stolen. */
export const ACCOUNT_GROUPS = [
  'user',
  'admin',
  'helpdesk',
  'service',
  'partner',
  'backup',
  'machine',
  'managed',
  'own',
] as const;
export type AccountGroup = (typeof ACCOUNT_GROUPS)[number];

/** Where a move starts from. */
export const STARTS = ['foothold', 'held', 'home', 'jump'] as const;

/** How an intruder enters: the technique, and the kind of host that is taken first. */
export const Techniques = Type.Object(
  {
    technique: TechniqueId,
    at: OneOf(HOST_GROUPS),
  },
  closed,
);

/** One way of moving on inside an organisation, with stolen accounts. */
export const Move = Type.Object(
  {
    /** Accounts that are stolen before it; those of the move before where left out. */
    theft: Type.Optional(
      Type.Object(
        {
          technique: TechniqueId,
          /** Weights of whose account it is. */
          account: Weights(ACCOUNT_GROUPS, 1000),
          /** How many are in use, the first most; 1 where left out. */
          accounts: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
        },
        closed,
      ),
    ),
    technique: TechniqueId,
    logons: Type.Array(LogonWay, { minItems: 1, maxItems: 8 }),
    /** Weights of where each logon comes from; the foothold where left out. */
    from: Type.Optional(Weights(STARTS, 1000)),
    /** Several footholds, used with these weights. */
    sources: Type.Optional(
      Type.Array(Type.Number({ exclusiveMinimum: 0, maximum: 1e6 }), { minItems: 1, maxItems: 100 }),
    ),
    /** Chance that the next logon starts from the host just reached. */
    advance: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** How many hosts of each group are looked at; the targets are drawn among them. */
    targets: Weights(HOST_GROUPS, 5000, true),
    /** Part of the parameter `targets` that this move uses; 1 where left out. */
    share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Targets are drawn anew each time, so that one may be tried again. */
    again: Type.Optional(Type.Boolean()),
    /** Mean number of logons to each target, some many more than others; 1 where left out. */
    visits: Type.Optional(Type.Number({ minimum: 1, maximum: 50 })),
    /** Chance that a logon fails. */
    fails: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
    /** Only between these hours of the day. */
    between: Type.Optional(Range(0, 24)),
    /** Logons come in bursts of these sizes, in turn, with pauses between them. */
    bursts: Type.Optional(
      Type.Object(
        {
          sizes: Type.Array(Type.Integer({ minimum: 1, maximum: 5000 }), { minItems: 1, maxItems: 500 }),
          pauseHours: Range(0, 1000),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Move = Static<typeof Move>;
