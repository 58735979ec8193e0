#!/usr/bin/env python3
"""Synthesise the demo beats: a loop (WAV), its stems (ZIP) and a short arrangement (MP3, by lame).

Every loop is written into a circular buffer, so tails wrap round and the loop has no seam.
Noise comes from a seeded generator: the same script gives the same bytes.
"""
import math, pathlib, random, subprocess, tempfile, wave
from array import array
from zips import write_zip

RATE = 22050
DEMO = pathlib.Path(__file__).resolve().parent.parent
TEXTS = DEMO / "make" / "texts"
TAU = 2 * math.pi


def hz(note):
    """A MIDI note number as a frequency (69 = A4 = 440 Hz)."""
    return 440.0 * 2 ** ((note - 69) / 12)


# --- voices: each returns a list of samples ---------------------------------------------------

def electric_piano(note, seconds, velocity=1.0):
    f, out = hz(note), []
    for i in range(int((seconds + 0.9) * RATE)):
        t = i / RATE
        body = math.exp(-1.5 * t) * (1 if t < seconds else math.exp(-9 * (t - seconds)))
        tine = 0.9 * velocity * math.exp(-5 * t) * math.sin(TAU * f * t * 2.0)
        tremolo = 1 + 0.10 * math.sin(TAU * 4.3 * t)
        out.append(velocity * min(1, t * 160) * body * tremolo *
                   (math.sin(TAU * f * t + tine) + 0.10 * math.exp(-14 * t) * math.sin(TAU * f * 7 * t)))
    return out


def pad(note, seconds, velocity=1.0):
    f, out = hz(note), []
    for i in range(int((seconds + 0.8) * RATE)):
        t = i / RATE
        env = min(1, t / 0.5) * (1 if t < seconds else max(0, 1 - (t - seconds) / 0.8))
        s = 0
        for detune in (-0.9, 0.0, 0.8):
            p = TAU * (f + detune) * t
            s += math.sin(p) + 0.30 * math.sin(2 * p) + 0.10 * math.sin(3 * p)
        out.append(velocity * env * env * s / 3)
    return out


def pluck(note, seconds, velocity=1.0, seed=1, damp=0.996, bright=0.55):
    """Karplus-Strong string with a fractional delay, so that it is in tune."""
    rnd, f = random.Random(seed * 1000 + note), hz(note)
    period = RATE / f - 0.5
    n = int(period)
    frac = period - n
    ring = [rnd.uniform(-1, 1) for _ in range(n + 1)]
    for _ in range(3):
        ring = [bright * ring[i] + (1 - bright) * ring[i - 1] for i in range(len(ring))]
    mean = sum(ring) / len(ring)                 # or the string would hum at 0 Hz
    ring = [r - mean for r in ring]
    out, prev = [], 0.0
    total = int((seconds + 0.5) * RATE)
    for i in range(total):
        a, b = ring[i % (n + 1)], ring[(i + 1) % (n + 1)]
        s = a * frac + b * (1 - frac)
        new = damp * 0.5 * (s + prev)
        prev = s
        ring[i % (n + 1)] = new
        t = i / RATE
        out.append(velocity * s * (1 if t < seconds else math.exp(-8 * (t - seconds))))
    return out


def bass(note, seconds, velocity=1.0):
    f, out = hz(note), []
    for i in range(int((seconds + 0.08) * RATE)):
        t = i / RATE
        env = min(1, t * 120) * math.exp(-1.1 * t) * (1 if t < seconds else max(0, 1 - (t - seconds) / 0.08))
        p = TAU * f * t
        out.append(velocity * env * math.tanh(1.3 * math.sin(p) + 0.25 * math.exp(-6 * t) * math.sin(2 * p)))
    return out


def kick(velocity=1.0, top=120, bottom=48, length=0.32):
    out, phase = [], 0.0
    for i in range(int(length * RATE)):
        t = i / RATE
        phase += TAU * (bottom + (top - bottom) * math.exp(-28 * t)) / RATE
        out.append(velocity * math.tanh(1.6 * math.sin(phase)) * math.exp(-8.5 * t) * min(1, (length - t) * 40))
    return out


def noise(seconds, decay, colour, seed, velocity=1.0):
    """Filtered noise: colour > 0 keeps the highs (hats), colour < 0 keeps the lows (brushes)."""
    rnd, out, low = random.Random(seed), [], 0.0
    k = abs(colour)
    for i in range(int(seconds * RATE)):
        t = i / RATE
        x = rnd.uniform(-1, 1)
        low += k * (x - low)
        out.append(velocity * (x - low if colour > 0 else low * 1.8) * math.exp(-decay * t) * min(1, t * 900))
    return out


def hat(velocity=0.3, open_=False, seed=3):
    return noise(0.28 if open_ else 0.07, 13 if open_ else 70, 0.75, seed, velocity)


def snare(velocity=0.8, tone=185, seed=5, decay=17):
    body = [velocity * 0.5 * math.exp(-24 * i / RATE) * math.sin(TAU * tone * i / RATE) for i in range(int(0.22 * RATE))]
    rattle = noise(0.22, decay, -0.55, seed, velocity * 0.55)
    return [a + b for a, b in zip(body, rattle)]


def rim(velocity=0.5):
    return [velocity * math.exp(-75 * i / RATE) *
            (math.sin(TAU * 1720 * i / RATE) + 0.6 * math.sin(TAU * 815 * i / RATE)) for i in range(int(0.08 * RATE))]


def shaker(velocity=0.2, seed=9):
    body = noise(0.11, 0, 0.6, seed, velocity)
    n = len(body)
    return [s * math.sin(math.pi * i / n) ** 2 for i, s in enumerate(body)]


# --- the loop: stems in circular buffers --------------------------------------------------------

class Loop:
    def __init__(self, bpm, beats, swing=0.0):
        self.beat, self.beats, self.swing = 60 / bpm, beats, swing
        self.length = int(round(beats * self.beat * RATE))
        self.stems = {}

    def play(self, stem, at, samples, gain=1.0):
        """Add a voice at a beat; off-beat sixteenths are late by the swing."""
        buf = self.stems.setdefault(stem, [0.0] * self.length)
        late = self.swing if (at * 4) % 2 == 1 else 0
        start = int((at + late) * self.beat * RATE)
        for i, s in enumerate(samples):
            buf[(start + i) % self.length] += gain * s

    def low_pass(self, stem, amount):
        """One pole; the first round only lets the filter settle, so that the loop stays seamless."""
        dry, y = self.stems[stem], 0.0
        for _ in range(2):
            out = []
            for s in dry:
                y += amount * (s - y)
                out.append(y)
        self.stems[stem] = out

    def room(self, stem, mix, seconds=0.9):
        """A small Schroeder reverb, run twice round the circle so that the tail wraps."""
        dry = self.stems[stem]
        wet = [0.0] * self.length
        for delay in (0.0297, 0.0371, 0.0411, 0.0437):
            n = int(delay * RATE)
            g = 10 ** (-3 * delay / seconds)
            line, damp = [0.0] * n, 0.0
            for i in range(2 * self.length):
                s = line[i % n]
                damp += 0.45 * (s - damp)
                line[i % n] = dry[i % self.length] + g * damp
                if i >= self.length:
                    wet[i - self.length] += 0.25 * s
        self.stems[stem] = [d + mix * w for d, w in zip(dry, wet)]

    def duck(self, stem, beats, depth):
        """Let the kick breathe: lower a stem at these beats and let it rise again."""
        buf, n = self.stems[stem], int(0.32 * RATE)
        for at in beats:
            start = int(at * self.beat * RATE)
            for i in range(n):
                buf[(start + i) % self.length] *= 1 - depth * (1 - i / n) ** 1.5

    def master(self):
        """Scale all stems by one factor, so that stems still add up to the mix."""
        mix = [sum(col) for col in zip(*self.stems.values())]
        peak = max(abs(s) for s in mix)
        for name, buf in self.stems.items():
            self.stems[name] = [0.86 * s / peak for s in buf]

    def mix(self, names=None):
        return [sum(col) for col in zip(*(self.stems[n] for n in (names or self.stems)))]


def wav_bytes(samples):
    data = array("h", (int(max(-1, min(1, s)) * 32767) for s in samples))
    with tempfile.TemporaryFile() as f:
        with wave.open(f, "wb") as w:
            w.setnchannels(1); w.setsampwidth(2); w.setframerate(RATE)
            w.writeframes(data.tobytes())
        f.seek(0)
        return f.read()


def save(slug, loop, arrangement, stems=True):
    loop.master()
    folder = DEMO / slug / "files"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "licence.txt").write_bytes((TEXTS / "beat-licence.txt").read_bytes())
    (folder / f"{slug}.wav").write_bytes(wav_bytes(loop.mix()))
    if stems:
        write_zip(folder / f"{slug}-stems.zip", {f"{slug}-stems/{n}.wav": wav_bytes(s) for n, s in loop.stems.items()})
    song = [s for names in arrangement for s in loop.mix(names)]
    n = int(1.6 * RATE)
    song = [s * min(1, (len(song) - i) / n) for i, s in enumerate(song)]
    with tempfile.NamedTemporaryFile(suffix=".wav") as f:
        f.write(wav_bytes(song)); f.flush()
        subprocess.run(["lame", "--quiet", "-m", "m", "-b", "56", "--noreplaygain", f.name, folder / f"{slug}.mp3"], check=True)


# --- the four beats -----------------------------------------------------------------------------

def nuit_bleue():
    l = Loop(82, 8, swing=0.09)
    chords = [(50, 53, 57, 60, 64), (43, 53, 59, 64, 69), (48, 55, 59, 62, 64), (45, 55, 60, 61, 65)]   # Dm9 G13 Cmaj9 A7b9
    for i, (root, *notes) in enumerate(chords):
        for j, n in enumerate(notes):
            l.play("keys", 2 * i + 0.02 * j, electric_piano(n, 1.25, 0.8), 0.30)
            if i % 2 == 0:
                l.play("keys", 2 * i + 1.5, electric_piano(n, 0.3, 0.45), 0.18)
        low = root - 12 if root > 45 else root
        l.play("bass", 2 * i, bass(low, 0.85), 0.42)
        l.play("bass", 2 * i + 1.75, bass(low + (7 if i != 3 else 5), 0.16), 0.30)
    for at, n in ((0.75, 76), (1.5, 74), (2.5, 71), (3.25, 69), (4.75, 67), (5.5, 71), (6.5, 73), (7, 70), (7.5, 69)):
        l.play("melody", at, electric_piano(n, 0.42, 0.6), 0.34)
    for at in (0, 2.75, 4, 5.75, 6.5):
        l.play("drums", at, kick(), 0.62)
    for at in (1, 3, 5, 7):
        l.play("drums", at + 0.02, snare(0.75), 0.42)
    for k in range(16):
        l.play("drums", k / 2, hat(0.26 if k % 2 else 0.17, seed=20 + k), 0.55)
    l.play("drums", 7.75, hat(0.2, seed=60), 0.5)
    l.low_pass("keys", 0.42)
    l.room("keys", 0.35); l.room("melody", 0.6, 1.4); l.room("drums", 0.08, 0.4)
    l.duck("keys", (0, 2.75, 4, 5.75), 0.35)
    save("nuit-bleue", l, [["keys"], ["keys", "melody", "bass"], None, None])


def quai_nord():
    l = Loop(122, 8, swing=0.03)
    stab = {0: (57, 60, 64, 67), 4: (53, 57, 60, 64)}                   # Am7, Fmaj7
    for base, notes in stab.items():
        for at in (0.5, 1.25, 2.5, 3.25):
            for n in notes:
                l.play("chords", base + at, electric_piano(n + 12 * (n < 57), 0.16, 1.0), 0.2)
        for n in notes:
            l.play("pad", base, pad(n, 3.6 * l.beat, 0.6), 0.24)
    for base, root in ((0, 33), (4, 29)):
        for at, step, length in ((0.5, 0, .3), (1.5, 0, .22), (1.75, 12, .1), (2.5, 0, .3), (3.5, 7, .2), (3.75, 10, .1)):
            l.play("bass", base + at, bass(root + step, length * l.beat * 2), 0.38)
    for k in range(8):
        l.play("drums", k, kick(1, 140, 50, 0.28), 0.72)
        l.play("drums", k + 0.5, hat(0.34, True, 30 + k), 0.42)
        l.play("drums", k + 0.25, hat(0.15, seed=40 + k), 0.5)
        l.play("drums", k + 0.75, hat(0.18, seed=50 + k), 0.5)
        if k % 2:
            l.play("drums", k, snare(0.7, 210, 70, 20), 0.36)
    l.play("drums", 7.75, rim(0.4), 0.5)
    l.room("chords", 0.7, 1.5); l.room("drums", 0.06, 0.3)
    for stem, depth in (("pad", 0.75), ("chords", 0.4), ("bass", 0.5)):
        l.duck(stem, range(8), depth)
    save("quai-nord", l, [["pad", "chords"], ["pad", "chords", "bass"], ["drums", "bass"], None, None, None])


def ete():
    l = Loop(144, 16)
    chords = [(45, 55, 60, 64, 71), (50, 54, 60, 64, 69), (43, 54, 59, 62, 66), (40, 55, 59, 62, 66)]   # Am9 D9 Gmaj7 Em9
    comp = (0, 1, 2.5, 3.5)
    for i, (root, *notes) in enumerate(chords):
        for at in comp if i % 2 == 0 else (0.5, 1.5, 2.5, 3):
            for j, n in enumerate(notes):
                l.play("guitar", 4 * i + at + 0.015 * j, pluck(n, 0.30, 0.8, seed=2 + j, damp=0.992, bright=0.5), 0.62)
        fifth = root + 7 if root < 45 else root - 5
        for at, n in ((0, root), (1.5, fifth), (2, fifth), (3.5, root)):
            l.play("bass", 4 * i + at, bass(n - 12 if n > 43 else n, 0.42), 0.26)
    tune = ((0.5, 76), (1, 79), (2, 76), (2.5, 72), (4.5, 74), (5, 78), (6, 76), (7, 74), (8.5, 71), (9, 74), (10, 78), (11.5, 76), (13, 74), (14, 71))
    for at, n in tune:
        l.play("melody", at, electric_piano(n, 0.35, 0.55), 0.30)
    for at in (0, 3, 4.5, 6, 8, 11, 12.5, 14):                         # bossa clave on the rim
        l.play("drums", at, rim(0.45), 0.4)
    for k in range(32):
        l.play("drums", k / 2, shaker(0.30 if k % 2 == 0 else 0.16, 80 + k), 0.55)
    for k in range(0, 16, 2):
        l.play("drums", k, kick(0.7, 90, 55, 0.22), 0.45)
        l.play("drums", k + 1.5, kick(0.4, 90, 55, 0.18), 0.4)
    l.room("guitar", 0.25, 0.7); l.room("melody", 0.5, 1.1); l.room("drums", 0.1, 0.5)
    save("l-ete-a-5-euros", l, [["guitar"], ["guitar", "bass", "drums"], None], stems=False)


def kintsugi():
    l = Loop(76, 8, swing=0.08)
    for at, n, v in ((0, 74, 1), (0.75, 75, .7), (1.5, 79, .9), (2.25, 81, .7), (3, 79, .8), (3.5, 75, .6),
                     (4, 74, 1), (4.75, 70, .7), (5.5, 69, .9), (6.25, 70, .6), (7, 74, .8), (7.5, 69, .5)):
        l.play("koto", at, pluck(n, 1.2, v, seed=7, damp=0.998, bright=0.62), 1.0)
        if v >= 0.9:
            l.play("koto", at + 0.06, pluck(n - 12, 1.4, 0.6, seed=8, damp=0.998), 0.8)
    for base, notes in ((0, (50, 57, 62, 67)), (4, (46, 53, 62, 69))):   # Dsus4, Bbmaj7
        for n in notes:
            l.play("pad", base, pad(n, 3.4 * l.beat, 0.5), 0.22)
    for at, n, length in ((0, 38, .9), (2.5, 38, .3), (3.5, 45, .3), (4, 34, .9), (6.5, 34, .3), (7.25, 33, .4)):
        l.play("bass", at, bass(n, length), 0.5)
    for at in (0, 1.75, 2.5, 4, 6.25, 6.5):
        l.play("drums", at, kick(1, 110, 46, 0.34), 0.66)
    for at in (1, 3, 5, 7):
        l.play("drums", at, snare(0.85, 170, 90, 14), 0.46)
    for k in range(16):
        l.play("drums", k / 2, hat(0.2 if k % 2 else 0.26, seed=100 + k), 0.5)
    l.room("koto", 0.7, 1.8); l.room("drums", 0.12, 0.6)
    l.duck("pad", (0, 2.5, 4, 6.5), 0.5)
    save("kintsugi", l, [["koto", "pad"], ["koto", "pad", "drums"], None, None], stems=False)


def poudre_et_craie():
    """Twelve one-shots: the free drum kit."""
    hits = {
        "01-kick-felt": kick(1, 110, 46, 0.34), "02-kick-short": kick(1, 150, 54, 0.2), "03-kick-deep": kick(1, 90, 40, 0.45),
        "04-snare-dust": snare(1, 180, 5, 15), "05-snare-tight": snare(1, 220, 6, 28), "06-snare-brush": noise(0.3, 12, -0.5, 7, 1),
        "07-hat-closed": hat(0.9, seed=11), "08-hat-open": hat(0.9, True, 12), "09-shaker-chalk": shaker(0.9, 13),
        "10-rim-wood": rim(0.9), "11-tom-low": kick(0.9, 130, 82, 0.4), "12-tom-high": kick(0.9, 200, 128, 0.32),
    }
    def normal(s):
        peak = max(map(abs, s))
        n = int(0.004 * RATE)
        return [0.9 * x / peak * min(1, (len(s) - i) / n) for i, x in enumerate(s)]
    files = {f"poudre-et-craie/{name}.wav": wav_bytes(normal(s)) for name, s in hits.items()}
    files["poudre-et-craie/README.txt"] = (TEXTS / "poudre-et-craie.txt").read_bytes()
    folder = DEMO / "poudre-et-craie" / "files"
    folder.mkdir(parents=True, exist_ok=True)
    write_zip(folder / "poudre-et-craie.zip", files)
    (folder / "poudre-et-craie-preview.wav").write_bytes(wav_bytes(
        [x for s in hits.values() for x in (normal(s) + [0.0] * RATE)[:int(0.42 * RATE)]]))


if __name__ == "__main__":
    for beat in (nuit_bleue, quai_nord, ete, kintsugi, poudre_et_craie):
        beat()
        print(beat.__name__)
