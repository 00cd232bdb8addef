/** A figure that is published about LANL 2015, or a range of it. */
export type Figure = number | readonly [number, number];

/**
 * Published figures beside the mix of logons. The last four are derived from the block model that cl-anssi fitted to
 * the whole log (MultilayerBlockModels, results/lanl.json: 74,049 accounts, 16,119 hosts); `published.test.ts` derives
 * them again. Inside a cluster of the model all hosts count alike, so that the first two are lower bounds, tight ones.
 */
export const PUBLISHED = {
  failures: { fact: 'failures, share of events', figure: [0.012, 0.014] },
  sameAccount: { fact: 'same account on both sides, share of events', figure: 0.985 },
  sameHost: { fact: 'same computer on both sides, share of events', figure: 0.54 },
  novel: {
    fact: 'pairs of computers never seen before, share of remote logons in the second half',
    figure: [0.005, 0.01],
  },
  gini: { fact: 'Gini coefficient of remote logons over destinations', figure: 0.979 },
  busiest: { fact: 'busiest 1 % of hosts, share of remote logons received', figure: 0.927 },
  accounts: { fact: 'busiest 34.6 % of accounts, share of remote logons made', figure: 0.998 },
  // Clusters of machine accounts alone, and with the cluster that is half of them.
  machines: { fact: 'machine accounts, share of remote logons made', figure: [0.55, 0.72] },
} as const satisfies Record<string, { fact: string; figure: Figure }>;

export const BUSIEST_HOSTS = 0.01;
export const BUSIEST_ACCOUNTS = 0.346;

/** What the fit report calls the share of one kind of logon. */
export function mixFact(name: string): string {
  return `${name}, share of logons`;
}
