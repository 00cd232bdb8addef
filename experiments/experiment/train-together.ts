import { FederatedModel } from '../../models/federated/federated-model.ts';
import { seededStream } from '../../participant/train/seeded-stream.ts';
import type { SiteData } from '../../participant/train/site-data.ts';
import type { TrainTask } from '../../protocol/task.ts';
import { isUpdateAttack } from '../attacks/attack.ts';
import { poisonUpdate } from '../attacks/poisoned-update.ts';
import { poisonedRows } from '../attacks/poisoned-rows.ts';
import { memberSeed } from '../demo/member-seed.ts';
import {
  type PlainHooks,
  type PlainMember,
  type PlainOutcome,
  federatePlain,
} from '../evaluate/federated-plain.ts';
import { type Attack, type TrainedMethod, trainTask } from './experiment.ts';
import { simulatedOnly } from './resolve-method.ts';
import { type SimulatedMember, trainSimulated } from './simulated-rounds.ts';
import type { TrackMembers } from './tracks.ts';
import { type NoisePlan, planNoise } from './training-noise.ts';

/**
 * Federated weights without encryption, by rounds as a deployment has them or, where the method asks for what none has,
 * by simulated ones.
 * @param hooks whose `contributors` stand before the method's participation
 * @throws as `federatePlain`, `planNoise`
 */
export function trainTogether(
  method: TrainedMethod,
  sites: ReadonlyMap<string, SiteData>,
  seed: number,
  tracks: ReadonlyMap<string, TrackMembers>,
  hooks: PlainHooks,
): PlainOutcome {
  const task = trainTask(method, seed);
  const members = [...sites].map(([organisation, site]) => ({
    organisation,
    site,
    seed: memberSeed(seed, organisation),
  }));
  if (simulatedOnly(method) === null) return federatePlain(members, task, hooks);
  const { attack, aggregation, weighting } = method;
  const most = Math.max(...members.map(({ site }) => site.events));
  const poisoners = attack === null ? [] : (tracks.get(attack.members)?.members ?? []);
  const simulated = members.map((member) => {
    const weight = weighting === 'size' ? member.site.events / most : 1;
    const poisons = attack !== null && poisoners.includes(member.organisation);
    return { ...member, weight, ...(poisons ? poisoned(attack, member, task) : {}) };
  });
  const noise = noiseOf(method, seed);
  const drawn = drawnContributors(method, [...sites.keys()], seed);
  return trainSimulated(
    simulated,
    noise === null ? task : { ...task, quantiser: { ...task.quantiser, ...noise.sum } },
    { aggregation, noise },
    { ...(drawn && { contributors: drawn }), ...hooks },
  );
}

/** How the method's members noise their updates; null where they do not. @throws CordonError as `planNoise` */
export function noiseOf(method: TrainedMethod, seed: number): NoisePlan | null {
  if (method.privacy === null) return null;
  const { length } = new FederatedModel(trainTask(method, seed), 1).sent;
  const { clipNorm, rounds } = method;
  return planNoise(method.privacy, { length, clipNorm, rounds });
}

/** Fewer are no cohort. */
const FEWEST = 3;

/** Who takes part in a round: a share of the members drawn for it by the seed; null for everybody. */
function drawnContributors(
  { participation }: TrainedMethod,
  members: readonly string[],
  seed: number,
): PlainHooks['contributors'] | null {
  if (participation === 1) return null;
  const count = Math.min(members.length, Math.max(FEWEST, Math.round(participation * members.length)));
  return (round) => {
    const stream = seededStream('participation', seed, round);
    const left = [...members];
    return Array.from({ length: count }, () => left.splice(stream.nextBelow(left.length), 1)).flat();
  };
}

/** What is another at a member that poisons: its rows, its update, or both. */
function poisoned(
  { kind, factor }: Attack,
  { site, seed }: PlainMember,
  { quantiser: { clipNorm } }: TrainTask,
): Pick<SimulatedMember, 'poison'> & { site?: SiteData } {
  if (isUpdateAttack(kind)) return { poison: poisonUpdate({ kind, factor, clipNorm, seed }) };
  const rows = poisonedRows(kind, site);
  if (factor === 1) return { site: rows };
  return { site: rows, poison: poisonUpdate({ kind: 'scaling', factor, clipNorm, seed }) };
}
