"""Cost against size, as SVG: both axes logarithmic, one line an arm."""

import math
import re
from html import escape

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 70, 150, 40, 60
COLOURS = ("#666666", "#1f6fb2", "#c05a1c", "#3a8a4d", "#8a4fa3")
GROWTH = re.compile(r"growth, ([\d,]+) rows")


def series(result, measure):
    """{arm: [(rows, value)]} of the growth curve."""
    lines = {}
    for figure in result["figures"]:
        size = GROWTH.fullmatch(figure["workload"])
        if size and figure["arm"] != "writes alone" and figure[measure] > 0:
            lines.setdefault(figure["arm"], []).append(
                (int(size.group(1).replace(",", "")), figure[measure]))
    return {arm: sorted(points) for arm, points in lines.items() if len(points) > 1}


def decades(values):
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def label(exponent):
    value = 10.0 ** exponent
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def svg(result, measure="cpu", unit="CPU of the backend, ms"):
    """The plot, or None where there is no curve to draw."""
    lines = series(result, measure)
    if not lines:
        return None
    points = [point for line in lines.values() for point in line]
    x_low, x_high = decades([x for x, _ in points])
    y_low, y_high = decades([y for _, y in points])

    def place(x, y):
        across = (math.log10(x) - x_low) / (x_high - x_low)
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return (LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM))

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
             ' font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
             f'<text x="{LEFT}" y="22" font-size="14">{escape(unit)}, against changed rows</text>']
    for exponent in range(x_low, x_high + 1):
        x, bottom = place(10.0 ** exponent, 10.0 ** y_low)
        parts.append(f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 18:.1f}" text-anchor="middle">{label(exponent)}</text>')
    for exponent in range(y_low, y_high + 1):
        left, y = place(10.0 ** x_low, 10.0 ** exponent)
        parts.append(f'<line x1="{left:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(f'<text x="{left - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{label(exponent)}</text>')
    parts.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.1f}" y="{HEIGHT - 14}" text-anchor="middle">'
                 'rows that the deployment changed</text>')
    for at, (arm, line) in enumerate(lines.items()):
        colour = COLOURS[at % len(COLOURS)]
        places = [place(*point) for point in line]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        y = TOP + 16 + at * 20
        parts.append(f'<line x1="{WIDTH - RIGHT + 14}" y1="{y - 4}" x2="{WIDTH - RIGHT + 36}" y2="{y - 4}"'
                     f' stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 42}" y="{y}">{escape(arm)}</text>')
    return "\n".join([*parts, "</svg>", ""])
