/** Somebody with an account of their own, at their own desk, in office hours. */
export const stealthyInsider = `scenario: stealthy-insider
title: Stealthy insider
description: |
  A person who may log on, from the desk where they always sit, in office hours, a server now and then that is not
  theirs. Near hopeless for every method; it is here to show that.
testCampaignsPerOrganisation: 1
attacks:
  - tactic: stealthy-insider
    title: Stealthy insider
    labelled: false
    hours: [9, 16]
    path: single
    organisations: [1, 1]
    campaigns: { train: 1, test: 4 }
    entry: { technique: T1078.002, at: workstation }
    moves:
      - theft: { technique: T1078.002, account: { user: 1 } }
        technique: T1021.002
        logons: [{ via: kerberos-ticket }]
        from: { home: 1 }
        targets: { file: 30, db: 30, app: 10 }
        between: [8.5, 17]
    impact: { technique: T1052 }
    train: { targets: [3, 8], gapSeconds: [3600, 20000], dwellHours: [1, 4] }
    test: { targets: [2, 6], gapSeconds: [7200, 30000], dwellHours: [1, 4] }
`;
