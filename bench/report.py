"""Figures as text for a terminal, and as tables of docs/performance.md."""

COLUMNS = ("workload", "arm", "rounds", "wall ms", "cpu ms", "WAL MB", "memory MB",
           "wall ratio", "cpu ratio", "WAL ratio")


def spread(ratio):
    if ratio is None:
        return ""
    middle, low, high = ratio
    return f"{middle:.2f}" if low == high else f"{middle:.2f} ({low:.2f}-{high:.2f})"


def cells(figure):
    return (figure["workload"], figure["arm"], str(figure["rounds"]),
            f"{figure['wall']:,.1f}", f"{figure['cpu']:,.1f}", f"{figure['wal'] / 1e6:,.1f}",
            f"{figure['memory'] / 1e6:,.1f}",
            spread(figure["wall_ratio"]), spread(figure["cpu_ratio"]), spread(figure["wal_ratio"]))


def remarks(result):
    """What the columns have no room for."""
    for figure in result["figures"]:
        name = f"{figure['workload']}, {figure['arm']}"
        if figure.get("writers_blocked"):
            yield f"{name}: writers blocked for {figure['writers_blocked']:,.0f} ms"
        if "wal_of_images" in figure and figure.get("image_bytes"):
            yield (f"{name}: WAL beyond the bare deployment is {figure['wal_of_images']:.2f} of the"
                   f" bytes of the prior images ({figure['image_bytes'] / 1e6:,.1f} MB)")
    yield from result["notes"]


def text(result):
    rows = [COLUMNS, *map(cells, result["figures"])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    lines = [heading(result)]
    for row in rows:
        lines.append("  ".join(
            cell.ljust(width) if at < 2 else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths))).rstrip())
    return "\n".join([*lines, "", *remarks(result)])


def heading(result):
    return (f"PostgreSQL {result['postgresql']}, {result['cpus']} processors, {result['rows']:,} rows,"
            f" load {result['load']:.1f} at the start and {result['load_after']:.1f} at the end;"
            f" {result['rollbacks_checked']} rollbacks checked, all exact")


def markdown(result):
    lines = [heading(result) + ".", ""]
    workload = None
    for figure in result["figures"]:
        if figure["workload"] != workload:
            workload = figure["workload"]
            lines += ["", f"**{workload}**", "",
                      "| | wall ms | CPU ms | WAL MB | memory MB | wall | CPU | WAL |",
                      "|---|---:|---:|---:|---:|---:|---:|---:|"]
        row = cells(figure)
        lines.append("| " + " | ".join((row[1], *row[3:])) + " |")
    lines += ["", *(f"- {remark}" for remark in remarks(result)), ""]
    return "\n".join(lines)


BEGIN = "<!-- bench: written by bench/document -->"
END = "<!-- bench: end -->"


def put_into(document, result):
    """The document with the tables between its two marks replaced."""
    before, found, rest = document.partition(BEGIN)
    _, also_found, after = rest.partition(END)
    if not found or not also_found:
        raise ValueError(f"the document has no lines {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{markdown(result)}\n{END}{after}"
