#!/usr/bin/env python3
"""Deterministic ZIP files: fixed dates, sorted names. Run alone, it packs make/software/* for the shop."""
import pathlib, zipfile

DEMO = pathlib.Path(__file__).resolve().parent.parent


def write_zip(path, files, stored=()):
    """files: name -> bytes; names in `stored` come first and uncompressed (an EPUB's mimetype)."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name in [*stored, *sorted(n for n in files if n not in stored)]:
            info = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            info.create_system = 3
            info.external_attr = (0o755 if files[name][:2] == b"#!" else 0o644) << 16
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            z.writestr(info, files[name])


def pack_software():
    """make/software/<slug>-<version>/ becomes <slug>/files/<slug>-<version>.zip"""
    for folder in sorted((DEMO / "make" / "software").iterdir()):
        slug = folder.name.rsplit("-", 1)[0]
        out = DEMO / slug / "files"
        out.mkdir(parents=True, exist_ok=True)
        files = {f"{folder.name}/{p.relative_to(folder)}": p.read_bytes()
                 for p in folder.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
        write_zip(out / f"{folder.name}.zip", files)
        print(folder.name)


if __name__ == "__main__":
    pack_software()
