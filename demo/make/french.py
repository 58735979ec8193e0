#!/usr/bin/env python3
"""French typography: non-breaking spaces before ; : ! ? and inside « », in every French text of the demo.

Idempotent; code (fenced or between backticks) is left alone.
"""
import json, pathlib, re

DEMO = pathlib.Path(__file__).resolve().parent.parent
NB, THIN = "\u00a0", "\u202f"


def french(text):
    def prose(s):
        s = re.sub(rf"[ {NB}{THIN}]([;!?])", rf"{THIN}\1", s)
        s = re.sub(rf"[ {NB}{THIN}]:(?=[\s*_]|$)", rf"{NB}:", s)
        s = re.sub(rf"«[ {NB}{THIN}]?", f"«{NB}", s)
        s = re.sub(rf"[ {NB}{THIN}]?»", f"{NB}»", s)
        s = re.sub(rf"(?<=\d)[ {NB}{THIN}](?=(?:€|¥|%|°C|h\b|g\b|min\b|Ko\b|Mo\b|kHz\b|BPM\b|jours?\b|bits\b))", NB, s)
        return re.sub(r"(?<=\d) (?=\d{3}\b)", THIN, s)
    fenced, out = False, []
    for line in text.split("\n"):
        if line.startswith("```"):
            fenced = not fenced
        elif not fenced and not re.match(r"^\|[ :|-]+\|$", line):
            line = "".join(p if p.startswith("`") else prose(p) for p in re.split(r"(`[^`]*`)", line))
        out.append(line)
    return "\n".join(out)


def walk(value, inside=False):
    if isinstance(value, dict):
        return {k: walk(v, k == "fr") for k, v in value.items()}
    if isinstance(value, list):
        return [walk(v) for v in value]
    return french(value) if inside and not value.endswith(".md") else value


if __name__ == "__main__":
    for p in [*DEMO.glob("*/description.fr.md"), *DEMO.glob("make/books/*.fr.md")]:
        p.write_text(french(p.read_text()))
    for p in [*DEMO.glob("*/product.json"), DEMO / "categories.json"]:
        p.write_text(json.dumps(walk(json.loads(p.read_text())), ensure_ascii=False, indent=2) + "\n")
