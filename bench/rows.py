"""Workloads of rows: one change, every arm and every peer that is installed."""

from arms import own_arms
from peers import PEERS
from tables import CHANGES


def run_change(bench, change):
    rows = change.rows(bench.given.rows)
    steps = [lambda arm=arm: note(bench, change.name, arm.run(bench, change, rows))
             for arm in own_arms(not bench.given.no_proof)]
    if change.peers and not bench.given.no_peers:
        steps += [lambda peer=peer: run_peer(bench, change, peer, rows)
                  for peer in usable_peers(bench)]
    bench.baselines[change.name] = "bare"
    bench.interleave(steps)


def note(bench, workload, costs):
    for arm, cost in costs.items():
        bench.note(workload, arm, cost)


def usable_peers(bench):
    for peer in PEERS:
        missing = peer.missing(bench.cluster)
        if missing:
            bench.remark(f"{peer.name}: not installed here ({', '.join(missing)})")
        else:
            yield peer


def run_peer(bench, change, peer, rows):
    """What goes wrong with another tool is told, and does not end the run."""
    if (change.name, peer.name) in bench.given_up:
        return
    try:
        costs = peer.run(bench, change, rows)
    except Exception as error:  # its own, the server's, or that it was not exact
        bench.given_up.add((change.name, peer.name))
        bench.remark(f"{change.name}, {peer.name}: {str(error).strip().splitlines()[0]}")
        return
    note(bench, change.name, costs)


WORKLOADS = {change.name: (change.summary, lambda bench, change=change: run_change(bench, change))
             for change in CHANGES}
