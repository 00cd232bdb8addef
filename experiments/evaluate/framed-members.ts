/** Members with everything the evaluation needs apart from scores: worked out once, used for every model. */
import { type EventFrame, eventFrame } from '../../models/metrics/event-frame.ts';
import { usedAccount } from '../../participant/features/event-kind.ts';
import { type Incident, IncidentIndex } from '../../participant/train/incidents.ts';
import type { ScoredRows } from '../../participant/train/rows.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { CampaignFacts } from './knowledge.ts';

/** An organisation with its prepared data and the truth about it. */
export interface EvaluatedMember {
  readonly organisation: string;
  readonly site: SiteData;
  /** Every malicious event at this organisation, known to it or not. */
  readonly truth: Iterable<Incident>;
  /** What the smallest members are found by, for example hosts; events where left out. */
  readonly size?: number;
}

/** A member whose validation and test events are joined with the truth. */
export interface FramedMember {
  readonly organisation: string;
  readonly site: SiteData;
  readonly size: number;
  readonly validation: EventFrame;
  readonly evaluation: EventFrame;
  /** Test campaigns that touch this member and their first moment there, milliseconds; null where no facts say which. */
  readonly touching: ReadonlyMap<string, number> | null;
}

/** Members of one world, and what is known of its campaigns. */
export interface FramedWorld {
  readonly members: readonly FramedMember[];
  readonly campaigns: readonly CampaignFacts[];
}

/**
 * Malicious events in the validation time that a member does not know are part of what it takes for benign, as in its real
 * life. With facts, every campaign of the test phase counts at each member where the truth has an event of it, also where
 * no event of it is among the scored ones; without, the campaigns of the scored test events.
 */
export function frameMembers(
  members: readonly EvaluatedMember[],
  campaigns: readonly CampaignFacts[] = [],
): FramedWorld {
  const tested = new Set(campaigns.filter(({ phase }) => phase === 'test').map(({ id }) => id));
  return {
    campaigns,
    members: members.map(({ organisation, site, truth, size = site.events }) => {
      const incidents = [...truth];
      const index = new IncidentIndex(incidents);
      return {
        organisation,
        site,
        size,
        validation: framed(organisation, site.validation, index),
        evaluation: framed(organisation, site.evaluation, index),
        touching: campaigns.length > 0 ? firstMoments(incidents, tested) : null,
      };
    }),
  };
}

function framed(organisation: string, { events }: ScoredRows, truth: IncidentIndex): EventFrame {
  return eventFrame(
    organisation,
    events.map((event) => ({
      time: event.time,
      srcHost: event.srcHost,
      dstHost: event.dstHost,
      account: usedAccount(event),
      campaign: truth.campaignOf(event),
    })),
  );
}

function firstMoments(incidents: readonly Incident[], tested: ReadonlySet<string>): Map<string, number> {
  const first = new Map<string, number>();
  for (const { campaign, time } of incidents) {
    if (tested.has(campaign)) first.set(campaign, Math.min(first.get(campaign) ?? Infinity, time));
  }
  return first;
}
