#!/usr/bin/env python3
"""rangement - tidy a folder by kind or by month. Nothing is ever deleted or overwritten.

    rangement.py ~/Downloads              show what would move
    rangement.py ~/Downloads --go         move it
    rangement.py ~/Downloads --by month   2026-03/ instead of Pictures/
    rangement.py ~/Downloads --undo       put everything back
"""
import argparse, datetime, json, pathlib, sys

KINDS = {
    "Pictures": "jpg jpeg png gif webp avif heic svg tif tiff",
    "Documents": "pdf doc docx odt ods odp xls xlsx ppt pptx txt md csv epub",
    "Sound": "wav mp3 flac ogg opus m4a aif aiff mid",
    "Video": "mp4 mkv mov webm avi",
    "Archives": "zip tar gz xz bz2 7z rar iso",
    "Code": "py js ts c h go rs sh html css json toml yaml yml sql",
}
FOLDER = {ext: kind for kind, exts in KINDS.items() for ext in exts.split()}
JOURNAL = ".rangement.json"


def destination(path, by):
    if by == "month":
        return datetime.date.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m")
    return FOLDER.get(path.suffix.lstrip(".").lower(), "Other")


def free_name(path):
    """report.pdf, then report (2).pdf, then report (3).pdf: an existing file is never replaced."""
    n, candidate = 1, path
    while candidate.exists():
        n += 1
        candidate = path.with_name(f"{path.stem} ({n}){path.suffix}")
    return candidate


def plan(folder, by):
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            yield path, folder / destination(path, by) / path.name


def tidy(folder, by, go):
    moves = []
    for source, target in plan(folder, by):
        target = free_name(target)
        print(f"{source.name}  ->  {target.relative_to(folder)}")
        if go:
            target.parent.mkdir(exist_ok=True)
            source.rename(target)
            moves.append([source.name, str(target.relative_to(folder))])
            (folder / JOURNAL).write_text(json.dumps(moves, indent=1))
    return len(moves)


def undo(folder):
    journal = folder / JOURNAL
    if not journal.exists():
        sys.exit("Nothing to undo here.")
    for name, moved in reversed(json.loads(journal.read_text())):
        source = folder / moved
        if source.exists():
            source.rename(free_name(folder / name))
            print(f"{moved}  ->  {name}")
            if not any(source.parent.iterdir()):
                source.parent.rmdir()
    journal.unlink()


def main():
    ap = argparse.ArgumentParser(description="Tidy a folder. Shows first, moves only with --go.")
    ap.add_argument("folder", type=pathlib.Path)
    ap.add_argument("--by", choices=("kind", "month"), default="kind")
    ap.add_argument("--go", action="store_true", help="really move")
    ap.add_argument("--undo", action="store_true", help="put the last run back")
    args = ap.parse_args()
    folder = args.folder.expanduser().resolve()
    if not folder.is_dir():
        sys.exit(f"{folder} is not a folder.")
    if args.undo:
        return undo(folder)
    moved = tidy(folder, args.by, args.go)
    print(f"\n{moved} files moved. --undo puts them back." if args.go else "\nNothing moved yet. Add --go when this looks right.")


if __name__ == "__main__":
    main()
