/** What a simulation plays where no scenario is named: the six tactics of the benchmark. */
export const sixTactics = `scenario: six-tactics
title: Six ways of moving on, the benchmark's
description: |
  Each organisation has lived through some of the tactics and labelled them, the smallest through none and nobody
  through slow-kerberos. The test period has all six, across organisations, with numbers from other ranges.
testCampaignsPerOrganisation: 2
attacks:
  - tactic: pass-the-hash
    title: NTLM pass-the-hash burst
    hours: [7, 22]
    path: trust
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1003, account: { admin: 6, helpdesk: 4 } }
        technique: T1550.002
        logons: [{ via: ntlm }]
        targets: { server: 20, workstation: 20 }
        fails: 0.15
    train: { targets: [7, 13], gapSeconds: [4, 40], dwellHours: [1, 6] }
    test: { targets: [4, 8], gapSeconds: [10, 150], dwellHours: [1, 10] }

  - tactic: service-pivot
    title: Service-account pivot
    hours: [0, 23]
    path: trust
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1003, account: { service: 1 } }
        technique: T1078.002
        logons:
          - { via: kerberos-ticket, weight: 7 }
          - { via: ntlm, technique: T1021.002, weight: 3 }
        targets: { server: 1000 }
        advance: 0.6
    train: { targets: [5, 9], gapSeconds: [120, 900], dwellHours: [2, 10] }
    test: { targets: [3, 6], gapSeconds: [300, 2400], dwellHours: [3, 16] }

  - tactic: rdp-hop
    title: Remote Desktop hopping
    hours: [8, 23]
    path: trust
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1003, account: { admin: 4, user: 6 } }
        technique: T1021.001
        logons:
          - { via: kerberos, desktop: true, weight: 6 }
          - { via: ntlm, desktop: true, weight: 4 }
        targets: { server: 8, workstation: 5 }
        advance: 1
    train: { targets: [3, 6], gapSeconds: [300, 1500], dwellHours: [2, 8] }
    test: { targets: [2, 4], gapSeconds: [600, 4000], dwellHours: [2, 14] }

  - tactic: worm
    title: Scanning worm
    hours: [0, 23]
    path: trust
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1003, account: { user: 1 } }
        technique: T1210
        logons: [{ via: ntlm }]
        from: { held: 1 }
        targets: { host: 5000 }
        again: true
        fails: 0.6
    train: { targets: [10, 20], gapSeconds: [1, 12], dwellHours: [0.3, 2] }
    test: { targets: [5, 10], gapSeconds: [3, 60], dwellHours: [0.3, 4] }

  - tactic: managed-service
    title: Compromised managed service
    hours: [6, 22]
    path: provider
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1003, account: { managed: 1 } }
        technique: T1199
        logons: [{ via: kerberos-ticket }, { via: ntlm }]
        from: { jump: 6, foothold: 4 }
        targets: { workstation: 14, server: 6 }
    train: { targets: [8, 14], gapSeconds: [20, 120], dwellHours: [0.5, 3] }
    test: { targets: [4, 8], gapSeconds: [40, 400], dwellHours: [0.5, 6] }

  - tactic: slow-kerberos
    title: Slow Kerberos in office hours
    labelled: false
    hours: [9, 15]
    path: trust
    campaigns: { train: 1, test: 3 }
    entry: { technique: T1566, at: workstation }
    moves:
      - theft: { technique: T1558, account: { user: 1 } }
        technique: T1021.002
        logons: [{ via: kerberos-ticket }]
        from: { home: 1 }
        targets: { server: 1000 }
        between: [8, 17]
    train: { targets: [4, 7], gapSeconds: [1500, 6000], dwellHours: [10, 24] }
    test: { targets: [2, 5], gapSeconds: [2400, 9000], dwellHours: [12, 30] }
`;
