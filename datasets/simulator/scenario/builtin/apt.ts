/** Patient, quiet, over weeks: look around, take a controller's secrets, come back with an administrator's account. */
export const apt = `scenario: apt
title: Advanced persistent threat
description: |
  Enters by mail, looks around with the account of the desk that it holds, waits, steals an administrator's account,
  reaches servers by hand in office hours and crosses into partners. Few logons, long pauses, hardly a failure.
testCampaignsPerOrganisation: 1
attacks:
  - tactic: apt
    title: Advanced persistent threat
    hours: [8, 18]
    path: trust
    organisations: [2, 4]
    campaigns: { train: 1, test: 4 }
    entry: { technique: T1566.001, at: workstation }
    moves:
      - theft: { technique: T1056.001, account: { own: 1 } }
        technique: T1021.002
        logons: [{ via: kerberos-ticket }]
        targets: { portal: 2, file: 3, app: 4 }
        share: 0.4
        between: [8, 18]
      - theft: { technique: T1003.001, account: { admin: 8, helpdesk: 2 } }
        technique: T1021.002
        logons:
          - { via: kerberos-ticket, weight: 6 }
          - { via: ntlm, technique: T1550.002, weight: 2 }
          - { via: kerberos, technique: T1021.001, desktop: true, weight: 2 }
        targets: { dc: 1, server: 30 }
        advance: 0.4
        between: [7, 20]
    pivot:
      technique: T1199
      logons: [{ via: kerberos-ticket, weight: 3 }, { via: ntlm, weight: 1 }]
      inside: 0.8
    impact: { technique: T1041 }
    train: { targets: [6, 12], gapSeconds: [600, 5400], dwellHours: [3, 12] }
    test: { targets: [4, 9], gapSeconds: [1200, 7200], dwellHours: [4, 16] }
`;
