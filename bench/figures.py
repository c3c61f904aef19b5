"""From costs to figures: medians, and ratios of the rounds with their spread."""

import statistics

from session import MEASURES

UNITS = {"wall": 1000, "cpu": 1000}     # milliseconds; all else is bytes


def figures(bench):
    """One dictionary for every arm of every workload."""
    for workload, arms in bench.costs.items():
        bases = arms.get(bench.baselines.get(workload), [])
        for arm, costs in arms.items():
            figure = {"workload": workload, "arm": arm, "rounds": len(costs)}
            for measure in MEASURES:
                figure[measure] = round(statistics.median(
                    getattr(cost, measure) for cost in costs) * UNITS.get(measure, 1), 2)
            for measure in ("wall", "cpu", "wal"):
                figure[f"{measure}_ratio"] = ratio(costs, bases, measure)
            for name in costs[0].more:
                value = statistics.median(cost.more[name] for cost in costs)
                figure[name.replace(" ", "_")] = round(value * 1000, 2) \
                    if name == "writers blocked" else value
            if "image_bytes" in figure and bases:
                extra = statistics.median(cost.wal for cost in costs) - \
                    statistics.median(base.wal for base in bases)
                figure["wal_of_images"] = round(extra / max(figure["image_bytes"], 1), 3)
            yield figure


def ratio(costs, bases, measure):
    """[median, lowest, highest] of the ratios of each round; None without a base."""
    pairs = [getattr(cost, measure) / getattr(base, measure)
             for cost, base in zip(costs, bases) if getattr(base, measure)]
    if not pairs:
        return None
    return [round(value, 3) for value in (statistics.median(pairs), min(pairs), max(pairs))]
