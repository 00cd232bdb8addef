/**
 * The shape of LANL 2015's red team, counted from its 749 published rows: 4 sources with 701, 26, 19 and 3 rows, 301
 * destinations, 104 accounts, 48 bursts where half an hour or more without a row parts two of them, mostly by day.
 */
export const lanlRedteam = `scenario: lanl-redteam
title: The shape of the LANL 2015 red team
description: |
  One organisation, the largest: 749 logons from four sources to 301 hosts with 104 accounts, in 48 bursts of up to
  245. A smaller world has as many of the hosts and accounts as there are. Pauses shrink where the period is shorter.
attacks:
  - tactic: lanl-redteam
    title: Red-team exercise
    hours: [8, 12]
    path: largest
    organisations: [1, 1]
    campaigns: { train: 0, test: 1 }
    entry: { technique: T1078, at: workstation }
    moves:
      - theft: { technique: T1003, account: { user: 85, admin: 10, service: 5 }, accounts: 104 }
        technique: T1550.002
        logons: [{ via: ntlm }]
        sources: [701, 26, 19, 3]
        targets: { workstation: 240, server: 61 }
        visits: 2.4884
        fails: 0.02
        between: [6, 24]
        bursts:
          sizes: [10, 3, 1, 10, 1, 11, 3, 2, 4, 1, 1, 2, 1, 28, 245, 15, 148, 47, 14, 5, 1, 28, 12, 30,
                  5, 12, 16, 4, 3, 4, 11, 11, 1, 3, 1, 1, 5, 21, 2, 1, 2, 3, 1, 2, 1, 1, 14, 1]
          pauseHours: [0.6, 28]
    train: { targets: [301, 301], gapSeconds: [2, 300], dwellHours: [0, 1] }
    test: { targets: [301, 301], gapSeconds: [2, 300], dwellHours: [0, 1] }
`;
