import Type, { type Static } from 'typebox';
import { closed } from '../../../protocol/messages/fields.ts';
import { HARD_NEGATIVES } from './hard-negative-names.ts';
import { Move, Techniques } from './move-schema.ts';
import { LogonWay, OneOf, Range, TechniqueId, Title, Weights, Word } from './parts.ts';

/** Numbers of one period, training or test; one campaign draws its own from the ranges. */
const Parameters = Type.Object(
  {
    /** Hosts that are tried in each organisation. */
    targets: Range(1, 5000, true),
    /** Seconds between one logon and the next. */
    gapSeconds: Range(0, 30 * 86_400),
    /** Hours between arriving in an organisation and going on to the next, and between moves. */
    dwellHours: Range(0, 90 * 24),
    /** Failing attempts at hosts taken at random, for each target. None where left out. */
    noise: Type.Optional(Range(0, 20)),
  },
  closed,
);

const Attack = Type.Object(
  {
    tactic: Word,
    title: Title,
    /** Whether organisations may have noticed and labelled it in the training period; true where left out. */
    labelled: Type.Optional(Type.Boolean()),
    /** Hours of the day at which it begins. */
    hours: Range(0, 24),
    /** The organisations that it passes; see `docs/scenarios.md`. */
    path: OneOf(['trust', 'single', 'largest', 'provider', 'together']),
    /** How many organisations a campaign of the test period passes; two to four where left out. */
    organisations: Type.Optional(Range(1, 100, true)),
    campaigns: Type.Optional(
      Type.Object(
        {
          /** In the training period: for each organisation that has labelled the tactic, or in all if none may. */
          train: Type.Integer({ minimum: 0, maximum: 50 }),
          test: Type.Integer({ minimum: 0, maximum: 500 }),
        },
        closed,
      ),
    ),
    entry: Techniques,
    moves: Type.Array(Move, { minItems: 1, maxItems: 12 }),
    /** How it crosses into the next organisation. */
    pivot: Type.Optional(
      Type.Object(
        {
          technique: TechniqueId,
          logons: Type.Array(LogonWay, { minItems: 1, maxItems: 8 }),
          /** Chance that it takes a host inside, instead of working on from outside. */
          inside: Type.Number({ minimum: 0, maximum: 1 }),
        },
        closed,
      ),
    ),
    /** A last step that leaves no logon, in each organisation. */
    impact: Type.Optional(Type.Object({ technique: TechniqueId }, closed)),
    train: Parameters,
    test: Parameters,
  },
  closed,
);

/** A scenario file: what may happen in a simulated world beside ordinary life. */
export const Scenario = Type.Object(
  {
    scenario: Word,
    title: Title,
    description: Type.Optional(Type.String({ maxLength: 4000 })),
    world: Type.Optional(
      Type.Object(
        {
          /** How many times as large the largest organisation is as the smallest, above a floor. */
          spread: Type.Optional(Type.Number({ minimum: 1, maximum: 200 })),
          /** In place of a spread: the first organisation is so many times as large as each other one, and these are alike. */
          largest: Type.Optional(Type.Number({ minimum: 1, maximum: 100 })),
          /** Trust links an organisation beyond those that join all of them. */
          trust: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
        },
        closed,
      ),
    ),
    /** How often what looks like an attack and is none happens; 1 is the usual, 0 never. */
    hardNegatives: Type.Optional(Weights(HARD_NEGATIVES, 20)),
    /** The test period has at least this many campaigns for each organisation, the attacks taken in turn. */
    testCampaignsPerOrganisation: Type.Optional(Type.Integer({ minimum: 0, maximum: 20 })),
    attacks: Type.Array(Attack, { maxItems: 40 }),
  },
  closed,
);
export type Scenario = Static<typeof Scenario>;
export type Attack = Static<typeof Attack>;
