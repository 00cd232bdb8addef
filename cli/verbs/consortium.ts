import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { leastSignatures } from '../../crypto/public/epoch.ts';
import { MAX_COMMITTEE, type Roster } from '../../crypto/public/roster.ts';
import { describeRoster, marginOf, toleranceTable } from '../../crypto/public/tolerance.ts';
import { type JsonOption, print } from '../output.ts';
import { loadChain } from '../roster-file.ts';
import { table } from '../table.ts';

/**
 * Members, bounds and epochs of a roster file, every signature of it checked; apart from each other what the roster
 * states, the most that its numbers would hold against, and what the thresholds of every committee size would.
 * @throws CordonError DATA_NOT_FOUND, ROSTER_INVALID; CryptoError ROSTER_INVALID, EPOCH_INVALID
 */
export async function consortiumShow(path: string, options: JsonOption): Promise<void> {
  const chain = await loadChain(path);
  const { last } = chain;
  const value = {
    consortium: last.consortium,
    epoch: last.epoch,
    rosterHash: chain.hash(last.epoch),
    roster: last,
    epochs: epochsOf(chain),
    bounds: {
      stated: { cRoster: last.cRoster, cCommittee: last.cCommittee },
      wouldHold: marginOf(last),
    },
    signaturesForNext: leastSignatures(last),
    tolerance: toleranceTable(MAX_COMMITTEE),
  };
  print(options.json === true, value, () => textOf(chain));
}

/** Each epoch with those whose signatures put it into force. */
function epochsOf(chain: EpochChain) {
  return chain.epochs.map(({ roster, signatures }, epoch) => ({
    epoch,
    rosterHash: chain.hash(epoch),
    members: roster.members.length,
    signedBy: signatures.map(({ member }) => member),
  }));
}

function textOf(chain: EpochChain): string {
  const { last } = chain;
  const { members, committee, threshold } = last;
  const seats = (id: string) => (committee.includes(id) ? String(committee.indexOf(id) + 1) : '-');
  const rows = toleranceTable(committee.length + 1)
    .filter(({ m }) => m >= committee.length - 1)
    .map((row) => {
      const here = row.m === committee.length && row.t === threshold ? 'this consortium' : '';
      return [...[row.m, row.t, row.cCommittee, row.maySilent].map(String), here];
    });
  return [
    `${last.consortium}, epoch ${last.epoch}, roster ${chain.hash(last.epoch)}`,
    describeRoster(last),
    '',
    ...boundsText(last),
    '',
    table(
      ['member', 'index', 'seat', 'key'],
      members.map(({ id, index, signKey }) => [id, String(index), seats(id), signKey]),
    ),
    '',
    table(
      ['epoch', 'members', 'roster', 'signed by'],
      epochsOf(chain).map((one) => [
        String(one.epoch),
        String(one.members),
        one.rosterHash?.slice(0, 16) ?? '',
        one.signedBy.join(', '),
      ]),
    ),
    '',
    'Thresholds by size of the committee: how many answers open a sum, how many colluding members of the committee that',
    'would hold against, how many may be silent (--json has every size)',
    table(['committee', 'answers', 'holds against', 'may be silent', ''], rows),
  ].join('\n');
}

/** What the roster states, beside the most that its threshold and floor would hold against. */
function boundsText(roster: Roster): string[] {
  const { members, committee, threshold, cRoster, cCommittee, kMin } = roster;
  const margin = marginOf(roster);
  const rows = [
    ['collude, of all members', `${cRoster}`, `${margin.cRoster}`, `cRoster <= kMin - 2, kMin = ${kMin}`],
    [
      'collude, of the committee',
      `${cCommittee}`,
      `${margin.cCommittee}`,
      `cCommittee < 2 t - m, t = ${threshold}, m = ${committee.length}`,
    ],
    ['are silent, of the committee', '-', `${margin.maySilent}`, 'm - t'],
  ];
  const both = committee.length === members.length ? Math.min(cRoster, cCommittee) : null;
  return [
    table(['at most so many', 'roster states', 'would hold against', 'by the rule'], rows),
    'What the roster states is what counts: ' +
      `each chunk of a sum is audited by cRoster + 1 = ${cRoster + 1} members, the next epoch needs ${leastSignatures(roster)} signatures`,
    ...(both === null ? [] : [`Everybody is in the committee, so the smaller one bounds both: ${both}`]),
  ];
}
