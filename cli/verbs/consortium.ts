import type { EpochChain } from '../../crypto/public/epoch-chain.ts';
import { leastSignatures } from '../../crypto/public/epoch.ts';
import { MAX_COMMITTEE } from '../../crypto/public/roster.ts';
import { describeRoster, toleranceTable } from '../../crypto/public/tolerance.ts';
import { type JsonOption, print } from '../output.ts';
import { loadChain } from '../roster-file.ts';
import { table } from '../table.ts';

/**
 * Members, bounds and epochs of a roster file, every signature of it checked, and for every committee size what may
 * collude and what may be silent.
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
  const { members, committee, threshold, cCommittee } = last;
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
    `the roster allows for cCommittee = ${cCommittee}; the next epoch needs ${leastSignatures(last)} signatures`,
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
    'Bounds by size of the committee: answers that open a sum, how many of the committee may collude with the coordinator,',
    'how many may be silent (--json has every size)',
    table(['committee', 'answers', 'may collude', 'may be silent', ''], rows),
  ].join('\n');
}
