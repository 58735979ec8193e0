#!/usr/bin/env python3
"""rangement - tidy a folder by kind. Nothing is ever deleted or overwritten.

    rangement.py ~/Downloads              show what would move
    rangement.py ~/Downloads --go         move it
"""
import argparse, pathlib, sys

KINDS = {
    "Pictures": "jpg jpeg png gif webp svg tif tiff",
    "Documents": "pdf doc docx odt ods odp xls xlsx ppt pptx txt md csv epub",
    "Sound": "wav mp3 flac ogg opus m4a aif aiff mid",
    "Video": "mp4 mkv mov webm avi",
    "Archives": "zip tar gz xz bz2 7z rar iso",
    "Code": "py js ts c h go rs sh html css json toml yaml yml sql",
}
FOLDER = {ext: kind for kind, exts in KINDS.items() for ext in exts.split()}


def destination(path):
    return FOLDER.get(path.suffix.lstrip(".").lower(), "Other")


def free_name(path):
    """report.pdf, then report (2).pdf, then report (3).pdf: an existing file is never replaced."""
    n, candidate = 1, path
    while candidate.exists():
        n += 1
        candidate = path.with_name(f"{path.stem} ({n}){path.suffix}")
    return candidate


def main():
    ap = argparse.ArgumentParser(description="Tidy a folder. Shows first, moves only with --go.")
    ap.add_argument("folder", type=pathlib.Path)
    ap.add_argument("--go", action="store_true", help="really move")
    args = ap.parse_args()
    folder = args.folder.expanduser().resolve()
    if not folder.is_dir():
        sys.exit(f"{folder} is not a folder.")
    for path in sorted(folder.iterdir()):
        if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
            target = free_name(folder / destination(path) / path.name)
            print(f"{path.name}  ->  {target.relative_to(folder)}")
            if args.go:
                target.parent.mkdir(exist_ok=True)
                path.rename(target)


if __name__ == "__main__":
    main()
