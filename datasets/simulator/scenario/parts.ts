import Type, { type Static } from 'typebox';
import { closed } from '../../../protocol/messages/fields.ts';

/** Names of scenarios and tactics: they become names in files. */
export const Word = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  description: 'a name of 1 to 40 lower-case letters, digits and hyphens that begins with a letter',
});

export const Title = Type.String({
  pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]{1,100}$',
  description: 'one line of 1 to 100 characters',
});

export const TechniqueId = Type.String({
  pattern: '^T[0-9]{4}(\\.[0-9]{3})?$',
  description: 'an ATT&CK technique like T1021 or T1021.002',
});

/** `[low, high]`, drawn uniformly; whether low is the lower one is checked when the file is read. */
export const Range = (minimum: number, maximum: number, whole = false) => {
  const what = `[low, high] of ${whole ? 'whole numbers' : 'numbers'} from ${minimum} to ${maximum}`;
  const bound = whole
    ? Type.Integer({ minimum, maximum, description: what })
    : Type.Number({ minimum, maximum, description: what });
  return Type.Tuple([bound, bound], { description: what });
};

/** One of several words. */
export const OneOf = <const N extends string>(words: readonly N[]) =>
  Type.Unsafe<N>(Type.Enum([...words], { description: `one of ${words.join(', ')}` }));

/** How a logon looks in the log. */
const WAYS = ['kerberos', 'kerberos-ticket', 'ntlm', 'remote-desktop'] as const;

/** One way in which logons of a move or pivot look, drawn by weight. */
export const LogonWay = Type.Object(
  {
    /** `kerberos-ticket` is a Kerberos logon with the service ticket before it. */
    via: OneOf(WAYS),
    /** Instead of the technique of the move. */
    technique: Type.Optional(TechniqueId),
    /** 1 where left out. */
    weight: Type.Optional(Type.Number({ minimum: 0, maximum: 1000 })),
    /** A Remote Desktop session follows two seconds later. */
    desktop: Type.Optional(Type.Boolean()),
  },
  closed,
);
export type LogonWay = Static<typeof LogonWay>;

/** Non-negative weights for some of the names; all are optional, at least one must be above 0 (checked on reading). */
export const Weights = <const N extends string>(names: readonly N[], maximum: number, whole = false) => {
  const value = whole ? Type.Integer({ minimum: 0, maximum }) : Type.Number({ minimum: 0, maximum });
  const fields = Object.fromEntries(names.map((name) => [name, Type.Optional(value)])) as {
    [K in N]: Type.TOptional<typeof value>;
  };
  return Type.Object(fields, { ...closed, description: `some of ${names.join(', ')}` });
};
