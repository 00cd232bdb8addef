/** No password is needed: a hole in a service gives the machine's own account, seen with it nowhere before. */
export const zeroDay = `scenario: zero-day
title: Zero-day in a service
description: |
  An unknown hole in a service of the portals. The intruder acts as the machine that it broke into, breaks into more
  of them in the same way, and only then steals accounts. Nobody has labelled it: it has not been seen before.
testCampaignsPerOrganisation: 0
attacks:
  - tactic: zero-day
    title: Zero-day in a service
    labelled: false
    hours: [0, 24]
    path: trust
    organisations: [2, 4]
    campaigns: { train: 0, test: 5 }
    entry: { technique: T1190, at: portal }
    moves:
      - theft: { technique: T1068, account: { machine: 1 } }
        technique: T1210
        logons: [{ via: kerberos-ticket, weight: 5 }, { via: ntlm, weight: 5 }]
        targets: { portal: 10, web: 10, app: 10 }
        advance: 0.5
        share: 0.6
        fails: 0.05
      - theft: { technique: T1003.001, account: { service: 5, admin: 5 } }
        technique: T1550.003
        logons: [{ via: kerberos-ticket }]
        targets: { db: 8, file: 8, dc: 2 }
        share: 0.6
    pivot:
      technique: T1210
      logons: [{ via: ntlm }]
      inside: 0.5
    train: { targets: [5, 10], gapSeconds: [60, 600], dwellHours: [2, 10] }
    test: { targets: [3, 8], gapSeconds: [120, 1800], dwellHours: [3, 14] }
`;
