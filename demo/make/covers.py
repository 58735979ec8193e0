#!/usr/bin/env python3
"""Draw the covers: one flat geometric composition a product, one palette a category.

SVG -> PNG (rsvg-convert) -> WebP (cwebp). No text in a picture: one cover serves every language.
    python3 covers.py            all covers
    python3 covers.py nuit-bleue only this one
"""
import math, pathlib, subprocess, sys, tempfile

DEMO = pathlib.Path(__file__).resolve().parent.parent
W, H = 960, 720

#            ground     deep       main       light      accent
PALETTE = {
    "beats":       ("#26355A", "#1A2543", "#5E7DB8", "#F2E2CB", "#E58B6B"),
    "ebooks":      ("#E6D6BC", "#2D4654", "#B5583D", "#F8F1E3", "#D8A24A"),
    "automations": ("#CFDDD2", "#24513F", "#6F9C86", "#F6F3E8", "#E0AE3A"),
    "software":    ("#32363F", "#22252C", "#7E97B4", "#E9E4DA", "#DB8150"),
    "modules":     ("#5A3F61", "#402B47", "#B88AA6", "#F3E4DA", "#E6A467"),
    "tokens":      ("#D09A3C", "#8A5420", "#E8BE6A", "#FBF1DA", "#B36A2A"),
}


def circle(x, y, r, fill, extra=""):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" {extra}/>'

def ring(x, y, r, stroke, width, extra=""):
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="none" stroke="{stroke}" stroke-width="{width}" {extra}/>'

def rect(x, y, w, h, fill, rx=0, extra=""):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{rx}" fill="{fill}" {extra}/>'

def path(d, fill="none", stroke="none", width=0, extra=""):
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" stroke-width="{width}" {extra}/>'

def half(x, y, r, fill, up=True):
    """A half disc resting on (or hanging from) the line y."""
    return path(f"M{x - r} {y}A{r} {r} 0 0 {1 if up else 0} {x + r} {y}Z", fill)

def quarter(x, y, r, fill, turn):
    """A quarter disc: corner at x, y; turn 0 = to the lower right, then clockwise."""
    return f'<g transform="translate({x} {y}) rotate({90 * turn})">' + path(f"M0 0H{r}A{r} {r} 0 0 1 0 {r}Z", fill) + "</g>"

def arch(x, y, w, h, fill):
    """A doorway standing on the line y."""
    r = w / 2
    return path(f"M{x - r} {y}V{y - h + r}A{r} {r} 0 0 1 {x + r} {y - h + r}V{y}Z", fill)

def clip(name, shape, inside):
    return f'<clipPath id="{name}">{shape}</clipPath><g clip-path="url(#{name})">{inside}</g>'


# --- beats ------------------------------------------------------------------------------------

def nuit_bleue(bg, deep, main, light, accent):
    s = rect(0, 470, W, 250, deep) + circle(600, 270, 170, light)
    for k in range(6):                                  # the moon in the water: shorter and thinner
        w = 330 - 44 * k
        s += rect(600 - w / 2 + (-1) ** k * 16, 500 + 34 * k, w, 15 - 1.6 * k, light, 7, f'opacity="{0.95 - 0.12 * k:.2f}"')
    return s + rect(0, 466, W, 4, main) + circle(250, 170, 9, accent) + circle(160, 300, 4, light) + circle(360, 96, 4, light)

def quai_nord(bg, deep, main, light, accent):
    s, heights = "", (120, 220, 340, 260, 420, 500, 380, 300, 420, 240, 160)
    for k, h in enumerate(heights):
        x = 119 + 66 * k
        s += rect(x, 360 - h / 2, 30, h, accent if k == 5 else light if k % 3 == 1 else main, 15)
    return rect(0, 360, W, 360, deep) + s

def ete(bg, deep, main, light, accent):
    s = rect(0, 0, W, H, "#E9B183") + half(480, 470, 300, "#E07F5F") + half(480, 470, 215, "#F2C894") + half(480, 470, 130, light)
    for k in range(4):
        s += rect(0, 470 + 64 * k, W, 64, (bg, main, bg, deep)[k])
    return s + circle(770, 150, 26, light)

def kintsugi(bg, deep, main, light, accent):
    crack = "M300 250L402 318L446 292L520 392L610 372L664 470"
    bowl = path("M210 250H750A270 270 0 0 1 210 250Z", light)
    gold = path(crack, "none", "#E0AE4A", 9, 'stroke-linejoin="round"') + path("M520 392L486 470L500 540", "none", "#E0AE4A", 7) \
        + path("M446 292L470 236", "none", "#E0AE4A", 7)
    return rect(0, 560, W, 160, deep) + f'<ellipse cx="480" cy="560" rx="250" ry="20" fill="#131B33"/>' + rect(400, 500, 160, 58, light, 6) \
        + bowl + clip("k", '<path d="M210 250H750A270 270 0 0 1 210 250Z"/>', rect(210, 250, 540, 46, main) + gold) + circle(770, 130, 44, accent)

def poudre(bg, deep, main, light, accent):
    s = ""
    for row in range(3):
        for col in range(4):
            x, y, k = 204 + 184 * col, 176 + 184 * row, row * 4 + col
            r = (70, 46, 80, 30, 52, 74, 22, 62, 36, 58, 78, 44)[k]
            s += circle(x, y, 80, deep) + circle(x, y, r, accent if k in (2, 8) else light if k in (0, 5, 7) else main)
            if k in (5, 10):
                s += circle(x, y, r * 0.35, deep)
    return s


# --- e-books ----------------------------------------------------------------------------------

def vendre(bg, deep, main, light, accent):
    s = rect(210, 200, 540, 440, accent) + rect(262, 390, 190, 160, light) + rect(274, 402, 166, 136, deep) + arch(600, 640, 150, 280, main) + circle(650, 520, 8, light)
    for k in range(7):                                  # the awning
        c = main if k % 2 == 0 else light
        x = 165 + 90 * k
        s += rect(x, 150, 90, 140, c) + f'<g transform="rotate(180 {x + 45} 290)">' + half(x + 45, 290, 45, c) + "</g>"
    return s + rect(0, 640, W, 80, deep)

def levain(bg, deep, main, light, accent):
    s = circle(480, 372, 262, main) + circle(480, 360, 250, accent) + rect(475, 210, 10, 320, light, 5)
    for k in range(5):
        y = 470 - 58 * k
        for side in (-1, 1):
            s += f'<ellipse cx="0" cy="-44" rx="19" ry="46" fill="{light}" transform="translate(480 {y}) rotate({side * 44})"/>'
    return rect(0, 430, W, 290, deep) + s + f'<ellipse cx="480" cy="180" rx="18" ry="44" fill="{light}"/>'

def plain(bg, deep, main, light, accent):
    s = rect(236, 84, 488, 552, light)
    widths = (250, 0, 372, 372, 340, 372, 210, 0, 372, 352, 372, 128)
    for k, w in enumerate(widths):
        if w:
            s += rect(294, 150 + 36 * k, w, 26 if k == 0 else 12, main if k == 0 else deep, 0 if k == 0 else 6)
    return rect(0, 0, 480, H, deep) + rect(252, 100, 488, 552, "#1d2f39", 0, 'opacity=".28"') + s + rect(436, 540, 16, 30, accent)

def guide(bg, deep, main, light, accent):
    s = ""
    for k, (turn, c) in enumerate(((-14, deep), (-5, main), (5, accent))):
        s += rect(290, 110, 380, 500, c, 8, f'transform="rotate({turn} 480 640)"')
    page = rect(290, 120, 380, 500, light, 8) + rect(336, 176, 150, 18, deep) + rect(336, 470, 288, 4, deep)
    for k, w in enumerate((288, 250, 288, 200)):
        page += rect(336, 240 + 46 * k, w, 12, "#CBBfA6", 6)
    page += rect(336, 510, 96, 18, deep) + circle(600, 540, 40, main) + path("M580 540l14 15l26 -30", "none", light, 8, 'stroke-linecap="round" stroke-linejoin="round"')
    return s + f'<g transform="rotate(14 480 640)">{page}</g>'


# --- automations: dots, lines, one thing that becomes another -----------------------------------

def relances(bg, deep, main, light, accent):
    line = path("M120 560H300V440H480V320H660V200H850", "none", deep, 14, 'stroke-linejoin="round"')
    s = "".join(circle(x, y, r, c) + circle(x, y, r * 0.4, light) for x, y, r, c in
                ((210, 560, 44, main), (390, 440, 54, main), (570, 320, 64, deep), (780, 200, 84, accent)))
    return rect(0, 560, W, 160, main, 0, 'opacity=".35"') + line + s

def payouts(bg, deep, main, light, accent):
    s = "".join(path(f"M0 {y}H210C420 {y} 380 360 560 360", "none", c, 34) for y, c in ((130, main), (283, deep), (437, accent), (590, main)))
    grid = rect(560, 180, 300, 360, light)
    for row in range(6):
        for col in range(3):
            grid += rect(582 + 90 * col, 202 + 55 * row, 76, 41, deep if row == 0 else accent if (row, col) == (3, 2) else bg)
    return s + grid

def letter(bg, deep, main, light, accent):
    s = "".join(path(f"M{480 - r} 420A{r} {r} 0 0 1 {480 + r} 420", "none", c, 34) for r, c in ((300, main), (228, deep), (156, accent)))
    return s + circle(480, 420, 84, deep) + rect(130, 420, 700, 220, light) + path("M130 420L480 580L830 420", "none", deep, 12, 'stroke-linejoin="round"')

def podcast(bg, deep, main, light, accent):
    s = rect(0, 0, 480, H, deep) + circle(480, 360, 230, main) + clip("p", '<rect x="480" y="0" width="480" height="720"/>', circle(480, 360, 230, light))
    for k, h in enumerate((70, 150, 240, 130, 60)):
        s += rect(300 + 32 * k, 360 - h / 2, 14, h, light, 7)
    for k, w in enumerate((110, 150, 150, 120, 70)):
        s += rect(510, 268 + 42 * k, w, 14, accent if k == 0 else deep, 7)
    return s


# --- software ----------------------------------------------------------------------------------

def rangement(bg, deep, main, light, accent):
    loose = ((120, 130, 18), (240, 250, -24), (110, 380, 40), (262, 452, 9), (150, 566, -14), (330, 122, -8), (358, 346, 28), (352, 580, -32))
    s = "".join(rect(x - 36, y - 36, 72, 72, (main, light, accent, main)[k % 4], 4, f'transform="rotate({a} {x} {y})"') for k, (x, y, a) in enumerate(loose))
    box = rect(470, 104, 400, 512, deep, 12)
    for row in range(5):
        for col in range(4):
            box += rect(502 + 88 * col, 140 + 92 * row, 72, 72, accent if (row + col) % 5 == 2 else light if (row * 2 + col) % 3 == 0 else main, 4)
    return s + box

def contraste(bg, deep, main, light, accent):
    s = rect(480, 0, 480, H, light)
    for r, left, right in ((280, light, deep), (200, main, main), (120, deep, light)):
        s += clip(f"l{r}", rect(0, 0, 480, H, "#000"), circle(480, 360, r, left)) + clip(f"r{r}", rect(480, 0, 480, H, "#000"), circle(480, 360, r, right))
    return s + circle(480, 360, 44, accent)

def lanterne(bg, deep, main, light, accent):
    s = ""
    for size, c in ((330, "#3B4150"), (258, "#4E5A6E"), (186, main), (114, accent), (52, light)):
        s += path(f"M480 {360 - size}L{480 + size * 0.86:.0f} 360L480 {360 + size}L{480 - size * 0.86:.0f} 360Z", c)
    return rect(0, 360, W, 360, deep) + s


# --- modules: doors and stairs ---------------------------------------------------------------------

def studio(bg, deep, main, light, accent):
    floor = path("M420 600L540 600L660 720L300 720Z", light, extra='opacity=".5"')
    return rect(0, 600, W, 120, deep) + arch(480, 600, 420, 500, deep) + arch(480, 600, 320, 440, main) + arch(480, 600, 220, 370, accent) \
        + arch(480, 600, 120, 290, light) + floor

def atelier(bg, deep, main, light, accent):
    s = circle(560, 210, 104, accent)
    for k, c in enumerate((deep, "#7B5883", "#9A7096", main, "#DBBBC2", light)):
        s += rect(120 + 140 * k, 612 - 76 * k, W, 800, c)
    return s


# --- tokens ----------------------------------------------------------------------------------------

def coin(x, y, r, face, edge, core):
    return circle(x, y + r * 0.10, r, edge) + circle(x, y, r, face) + ring(x, y, r * 0.76, edge, max(3, r * 0.045)) + circle(x, y, r * 0.22, core)

def tokens3(bg, deep, main, light, accent):
    return rect(0, 500, W, 220, deep) + coin(300, 400, 150, main, accent, deep) + coin(660, 400, 150, main, accent, deep) + coin(480, 350, 186, light, accent, accent)

def tokens10(bg, deep, main, light, accent):
    s = rect(0, 560, W, 160, deep)
    rows = ((4, 560), (3, 424), (2, 288), (1, 152))
    for n, y in rows:
        for k in range(n):
            x = 480 + (k - (n - 1) / 2) * 158
            top = n == 1 or (n, k) in ((3, 1), (4, 0), (4, 3))
            s += coin(x, y, 74, light if top else main, accent, accent if top else deep)
    return s


COVERS = {
    "nuit-bleue": ("beats", nuit_bleue), "quai-nord": ("beats", quai_nord), "l-ete-a-5-euros": ("beats", ete),
    "kintsugi": ("beats", kintsugi), "poudre-et-craie": ("beats", poudre),
    "vendre-sans-crier": ("ebooks", vendre), "levain-petite-cuisine": ("ebooks", levain),
    "plain-text-calmly": ("ebooks", plain), "guide-independant-devis-factures": ("ebooks", guide),
    "relances-en-douceur": ("automations", relances), "stripe-payouts-ledger": ("automations", payouts),
    "weekly-reading-letter": ("automations", letter), "podcast-show-notes": ("automations", podcast),
    "rangement": ("software", rangement), "contraste": ("software", contraste), "lanterne": ("software", lanterne),
    "studio-pro": ("modules", studio), "atelier-du-prix": ("modules", atelier),
    "tokens-3000": ("tokens", tokens3), "tokens-10000": ("tokens", tokens10),
}


def draw(slug):
    category, compose = COVERS[slug]
    colours = PALETTE[category]
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {W} {H}">{rect(0, 0, W, H, colours[0])}{compose(*colours)}</svg>'
    folder = DEMO / slug
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        png = pathlib.Path(tmp, "cover.png")
        subprocess.run(["rsvg-convert", "-w", str(W), "-h", str(H), "-o", png], input=svg.encode(), check=True)
        subprocess.run(["cwebp", "-quiet", "-preset", "drawing", "-q", "82", "-m", "6", png, "-o", folder / "cover.webp"], check=True)


if __name__ == "__main__":
    for slug in sys.argv[1:] or COVERS:
        draw(slug)
