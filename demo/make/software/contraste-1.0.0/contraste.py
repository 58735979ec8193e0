#!/usr/bin/env python3
"""contraste - check colour pairs against WCAG 2 and find the nearest pair that passes.

    contraste.py "#777" "#fff"            one pair
    contraste.py --css theme.css          every --x and --on-x pair of a style sheet
    contraste.py "#777" "#fff" --fix      suggest the closest text colour that passes
Exit status 1 if any pair fails: use it in a build.
"""
import argparse, colorsys, re, sys


def parse(text):
    h = text.strip().lstrip("#")
    if len(h) == 3:
        h = "".join(c * 2 for c in h)
    if not re.fullmatch(r"[0-9a-fA-F]{6}", h):
        sys.exit(f"{text!r} is not a colour like #1a2b3c")
    return tuple(int(h[i:i + 2], 16) for i in (0, 2, 4))


def luminance(rgb):
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in rgb))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def ratio(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grade(r):
    return "AAA" if r >= 7 else "AA" if r >= 4.5 else "AA large text only" if r >= 3 else "fail"


def fix(text, ground, wanted):
    """Keep hue and saturation; walk the lightness outwards until the pair passes."""
    h, l, s = colorsys.rgb_to_hls(*(v / 255 for v in text))
    for step in range(0, 101):
        for side in (-1, 1):
            rgb = tuple(round(v * 255) for v in colorsys.hls_to_rgb(h, min(1, max(0, l + side * step / 100)), s))
            if ratio(rgb, ground) >= wanted:
                return "#%02x%02x%02x" % rgb
    return None


def pairs_of(css):
    colours = dict(re.findall(r"--([\w-]+)\s*:\s*(#[0-9a-fA-F]{3,6})\b", css))
    return [(f"on-{name}", name, colours[f"on-{name}"], value) for name, value in colours.items() if f"on-{name}" in colours]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("colours", nargs="*", metavar="COLOUR")
    ap.add_argument("--css")
    ap.add_argument("--fix", action="store_true")
    ap.add_argument("--level", choices=("AA", "AAA"), default="AA")
    args = ap.parse_args()
    if args.css:
        with open(args.css, encoding="utf-8") as f:
            pairs = pairs_of(f.read())
    elif len(args.colours) == 2:
        pairs = [("text", "ground", *args.colours)]
    else:
        ap.error("give two colours, or --css FILE")
    wanted, failed = (7 if args.level == "AAA" else 4.5), 0
    for text_name, ground_name, text, ground in pairs:
        r = ratio(parse(text), parse(ground))
        line = f"{text_name} {text} on {ground_name} {ground}: {r:.2f}:1  {grade(r)}"
        if r < wanted:
            failed += 1
            if args.fix:
                line += f"  ->  {fix(parse(text), parse(ground), wanted) or 'no lightness passes: change the ground'}"
        print(line)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
