"""Makes protocol.json.gz: a made-up federation with scores, and the benchmark protocol's figures of it.

Shares nothing with the project's code: plain loops over the events as ../README.md defines each figure, scikit-learn for
the ranking figures. Run once with Python 3.11 and scikit-learn 1.9:

    python protocol.py
"""

import gzip
import json
import random
from statistics import mean, median, pstdev

from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

DAY = 86_400_000
SPLIT = 5 * DAY
SHARE = 0.5
rng = random.Random(20261123)

MEMBERS = ["alder", "birch", "cedar", "elm"]
TACTICS = ["worm", "hash", "slow"]
CAMPAIGNS = []
for number in range(10):
    phase = "train" if number < 3 else "test"
    tactic = TACTICS[number % 3]
    known = [["alder", "birch"], ["alder"], []][number] if phase == "train" else []
    CAMPAIGNS.append({"id": f"c{number}", "tactic": tactic, "phase": phase, "knownTo": known})


def make(member, size):
    """Benign events of all days, and the test campaigns' events."""
    events = []

    def add(time, src, dst, account, campaign, score):
        events.append(
            {"time": time, "src": src, "dst": dst, "account": account, "campaign": campaign, "score": score}
        )

    for _ in range(size):
        src = f"{member}-{rng.randrange(15)}"
        add(rng.randrange(10 * DAY), src, f"s{rng.randrange(4)}", f"u{rng.randrange(6)}", None, rng.gauss(0, 1))
    for campaign in CAMPAIGNS[3:]:
        if rng.random() < 0.3:
            continue
        time = SPLIT + rng.randrange(4 * DAY)
        for _ in range(rng.randrange(1, 6)):
            src = f"{member}-{rng.randrange(15)}"
            time += rng.randrange(8 * 3_600_000)
            score = rng.gauss(1.5, 1)
            # Whole seconds, as the list of incidents has them.
            add(time // 1000 * 1000, src, f"s{rng.randrange(4)}", f"u{rng.randrange(6)}", campaign["id"], score)
    return sorted(events, key=lambda event: event["time"])


def ranking(labels, scores):
    fpr, tpr, _ = roc_curve(labels, scores, drop_intermediate=False)
    at = lambda limit: max(t for f, t in zip(fpr, tpr) if f <= limit)
    return {
        "auc": float(roc_auc_score(labels, scores)),
        "ap": float(average_precision_score(labels, scores)),
        "tpr": float(at(1e-3)),
        "tprStrict": float(at(1e-4)),
    }


def groups_of(events):
    groups = {}
    for event in events:
        groups.setdefault((event["src"], event["time"] // DAY), []).append(event)
    return groups


def top(group):
    return max(event["score"] for event in group)


members = []
for place, name in enumerate(MEMBERS):
    events = make(name, 700 - 150 * place)
    before = groups_of([e for e in events if e["time"] < SPLIT])
    keep = {key for key in before if rng.random() < SHARE}
    held = [e for e in events if (e["src"], e["time"] // DAY) in keep]
    members.append({"organisation": name, "validation": held, "evaluation": [e for e in events if e["time"] >= SPLIT]})

known_to = {}
for campaign in CAMPAIGNS:
    if campaign["phase"] == "train":
        known_to.setdefault(campaign["tactic"], set()).update(campaign["knownTo"])
tactic_of = {campaign["id"]: campaign["tactic"] for campaign in CAMPAIGNS}

results = []
pool = []
pairs = []
for member in members:
    name, held, test = member["organisation"], member["validation"], member["evaluation"]
    best = sorted((top(group) for group in groups_of(held).values()), reverse=True)
    days = len({event["time"] // DAY for event in held})
    threshold = best[int(SHARE * days)]
    groups = groups_of(test)
    raised = {key for key, group in groups.items() if top(group) > threshold}
    test_days = len({event["time"] // DAY for event in test})
    names = sorted({e["campaign"] for e in test if e["campaign"]})
    delays = []
    for campaign in names:
        own = [e for e in test if e["campaign"] == campaign]
        moments = []
        for key in raised:
            mine = [e["time"] for e in groups[key] if e["campaign"] == campaign]
            if mine:
                alarm = min(e["time"] for e in groups[key] if e["score"] > threshold)
                moments.append(max(alarm, min(mine)))
        delay = min(moments) - min(e["time"] for e in own) if moments else None
        delays.append(delay)
        pairs.append((name, campaign, delay))
    caught = [delay for delay in delays if delay is not None]
    edges = {}
    for event in test:
        key = (event["src"], event["dst"], event["account"], event["time"] // DAY)
        edges.setdefault(key, []).append(event)
    centre, spread = mean(best), pstdev(best)
    for key, group in groups.items():
        found = {e["campaign"] for e in group if e["campaign"]}
        pool.append(((top(group) - centre) / spread, key[1], found))
    member["standard"] = [(event["score"] - centre) / spread for event in test]
    false = [key for key in raised if not any(e["campaign"] for e in groups[key])]
    results.append(
        {
            "organisation": name,
            "threshold": threshold,
            "alerts": len(raised),
            "alertsPerDay": len(raised) / test_days,
            "falseAlertsPerDay": len(false) / test_days,
            "campaigns": len(names),
            "caught": len(caught),
            "recall": len(caught) / len(names),
            "timeToDetect": median(caught) if caught else None,
            **ranking([int(e["campaign"] is not None) for e in test], [e["score"] for e in test]),
            "collapsed": ranking(
                [int(any(e["campaign"] for e in edge)) for edge in edges.values()],
                [top(edge) for edge in edges.values()],
            ),
        }
    )

found = set()
for day in {day for _, day, _ in pool}:
    for _, _, campaigns in sorted((g for g in pool if g[1] == day), key=lambda g: -g[0])[:9]:
        found |= campaigns
touching = {campaign for _, campaign, _ in pairs}


def recall(wanted):
    """Mean over the members that such campaigns touch, and the pairs."""
    shares, count, hits = [], 0, 0
    for name in MEMBERS:
        mine = [delay for member, campaign, delay in pairs if member == name and wanted(name, tactic_of[campaign])]
        if mine:
            shares.append(sum(delay is not None for delay in mine) / len(mine))
        count += len(mine)
        hits += sum(delay is not None for delay in mine)
    return {"pairs": count, "caught": hits, "memberRecall": mean(shares) if shares else None}


def by_tactic(tactic):
    mine = {campaign for campaign in touching if tactic_of[campaign] == tactic}
    return {
        **recall(lambda _, other: other == tactic),
        "campaigns": len(mine),
        "found": len(mine & found),
        "campaignRecall": len(mine & found) / len(mine),
    }


figures = {
    "memberRecall": mean(result["recall"] for result in results),
    "raisedPerDay": mean(result["alertsPerDay"] for result in results),
    "falsePerDay": mean(result["falseAlertsPerDay"] for result in results),
    "timeToDetect": median(delay for _, _, delay in pairs if delay is not None),
    "campaigns": len(touching),
    "campaignRecall": len(found & touching) / len(touching),
    "ap": mean(result["ap"] for result in results),
    "auc": mean(result["auc"] for result in results),
    "together": ranking(
        [int(e["campaign"] is not None) for member in members for e in member["evaluation"]],
        [score for member in members for score in member["standard"]],
    ),
    "tactics": {tactic: by_tactic(tactic) for tactic in sorted(TACTICS)},
    "knowledge": {
        "mine": recall(lambda name, tactic: name in known_to[tactic]),
        "others": recall(lambda name, tactic: known_to[tactic] and name not in known_to[tactic]),
        "nobody": recall(lambda name, tactic: not known_to[tactic]),
    },
    "members": results,
}
for member in members:
    del member["standard"]
content = {"campaigns": CAMPAIGNS, "share": SHARE, "members": members, "figures": figures}
with gzip.GzipFile("protocol.json.gz", "wb", mtime=0) as file:
    file.write(json.dumps(content).encode())
print(json.dumps({key: value for key, value in figures.items() if key != "members"}, indent=1))
for result in results:
    print(result["organisation"], result["recall"], result["alerts"], result["timeToDetect"], result["campaigns"])
