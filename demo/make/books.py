#!/usr/bin/env python3
"""Set the books: make/books/*.md -> PDF (headless chromium, A5) and, where asked, EPUB.

The Markdown here is the small part that these books use. Dates in the PDF are fixed, so that the
same tools give the same file.
"""
import html, pathlib, re, subprocess, tempfile
from zips import write_zip

MAKE = pathlib.Path(__file__).resolve().parent
DATE = "2026-01-01T00:00:00Z"

CSS = """
@page { size: 148mm 210mm; margin: 20mm 18mm 22mm;
  @bottom-center { content: counter(page); font: 9pt Caladea, serif; color: #777 } }
@page :first { margin: 0; background: COLOUR; @bottom-center { content: none } }
html { font: 10.4pt/1.48 Caladea, Georgia, serif; color: #222; hyphens: auto }
body { margin: 0 }
.title { height: 210mm; box-sizing: border-box; padding: 62mm 20mm 18mm; background: COLOUR; color: #fdf8ee; break-after: page;
  display: flex; flex-direction: column; hyphens: manual; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.title h1 { font-size: 30pt; line-height: 1.1; font-weight: 400; margin: 0 0 6mm }
.title p { font-size: 13.5pt; font-style: italic; margin: 0; max-width: 92mm }
.title .author { margin-top: auto; font-style: normal; font-size: 11pt; letter-spacing: .03em }
h2 { font-size: 15pt; font-weight: 700; line-height: 1.15; color: COLOUR; margin: 9mm 0 3mm; break-after: avoid; hyphens: manual }
p { margin: 0 0 2.6mm; text-align: justify; orphans: 2; widows: 2 }
ol, ul { margin: 0 0 3.5mm; padding-left: 6mm; break-inside: avoid } li { margin-bottom: 1.2mm }
blockquote { margin: 5mm 0; padding-left: 5mm; border-left: 1.2pt solid COLOUR; font-style: italic; break-inside: avoid }
table { width: 100%; border-collapse: collapse; margin: 3mm 0 5mm; font-size: 9.2pt; line-height: 1.32; break-inside: avoid; hyphens: manual }
th { text-align: left; font-weight: 600; border-bottom: 1pt solid COLOUR } td { border-bottom: .4pt solid #ccc; vertical-align: top }
th, td { padding: 1.4mm 2mm 1.4mm 0 }
"""


def inline(s):
    s = html.escape(s, quote=False)
    s = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", s)
    return re.sub(r"\*(.+?)\*", r"<em>\1</em>", s)


def markdown(text):
    out = []
    for block in re.split(r"\n{2,}", text.strip()):
        lines = block.split("\n")
        if block.startswith("## "):
            out.append(f"<h2>{inline(block[3:])}</h2>")
        elif block.startswith("> "):
            out.append(f"<blockquote><p>{inline(block[2:])}</p></blockquote>")
        elif block.startswith("|"):
            cells = [[inline(c.strip()) for c in l.strip("|").split("|")] for l in lines]
            row = lambda cs, t: "<tr>" + "".join(f"<{t}>{c}</{t}>" for c in cs) + "</tr>"
            out.append(f"<table><thead>{row(cells[0], 'th')}</thead><tbody>{''.join(row(c, 'td') for c in cells[2:])}</tbody></table>")
        elif re.match(r"- |\d+\. ", block):
            tag = "ul" if block.startswith("- ") else "ol"
            items = "".join("<li>" + inline(re.sub(r"^(- |\d+\. )", "", l)) + "</li>" for l in lines)
            out.append(f"<{tag}>{items}</{tag}>")
        else:
            out.append(f"<p>{inline(' '.join(lines))}</p>")
    return "\n".join(out)


def read(path):
    _, head, body = path.read_text().split("---\n", 2)
    return dict(l.split(": ", 1) for l in head.strip().split("\n")), body


def pdf(book, body, target):
    page = (f'<!doctype html><html lang="{book["lang"]}"><meta charset="utf-8"><title>{inline(book["title"])}</title>'
            f'<style>{CSS.replace("COLOUR", book["colour"])}</style><div class="title"><h1>{inline(book["title"])}</h1>'
            f'<p>{inline(book["subtitle"])}</p><p class="author">{inline(book["author"])}</p></div>{markdown(body)}</html>')
    with tempfile.TemporaryDirectory() as tmp:
        source, made = pathlib.Path(tmp, "book.html"), pathlib.Path(tmp, "book.pdf")
        source.write_text(page)
        subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--user-data-dir={tmp}/profile",
                        f"--print-to-pdf={made}", source.as_uri()], check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        data = made.read_bytes()
    data = re.sub(rb"(/(?:Creation|Mod)Date \(D:)\d{14}", rb"\g<1>20260101000000", data)   # same length: offsets stay right
    target.write_bytes(data)


def epub(book, body, target):
    title, lang, author = html.escape(book["title"]), book["lang"], html.escape(book["author"])
    parts = re.split(r"(?m)^(?=## )", body.strip())
    files = {
        "mimetype": b"application/epub+zip",
        "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
            '<rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/style.css": "body { font-family: serif; line-height: 1.45 } h2 { color: %s } table { border-collapse: collapse } "
            "td, th { border-bottom: 1px solid #bbb; padding: .3em .6em .3em 0; text-align: left; vertical-align: top }" % book["colour"],
    }
    def page(name, content, heading):
        files[f"OEBPS/{name}"] = (f'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" '
            f'xmlns:epub="http://www.idpf.org/2007/ops" lang="{lang}" xml:lang="{lang}"><head><title>{heading}</title>'
            f'<link rel="stylesheet" href="style.css"/></head><body>{content}</body></html>')
    page("title.xhtml", f"<h1>{title}</h1><p><em>{html.escape(book['subtitle'])}</em></p><p>{author}</p>", title)
    names, links = ["title"], ""
    for i, part in enumerate(parts, 1):
        heading = inline(part.split("\n", 1)[0][3:])
        page(f"c{i}.xhtml", markdown(part), heading)
        names.append(f"c{i}")
        links += f'<li><a href="c{i}.xhtml">{heading}</a></li>'
    contents = "Table des matières" if lang == "fr" else "Contents"
    page("nav.xhtml", f'<nav epub:type="toc"><h2>{contents}</h2><ol>{links}</ol></nav>', contents)
    files["OEBPS/book.opf"] = (f'<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id">'
        f'<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">urn:demo:{book["file"]}</dc:identifier><dc:title>{title}</dc:title>'
        f'<dc:language>{lang}</dc:language><dc:creator>{author}</dc:creator><meta property="dcterms:modified">{DATE}</meta></metadata><manifest>'
        + "".join(f'<item id="{n}" href="{n}.xhtml" media-type="application/xhtml+xml"/>' for n in names)
        + '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/><item id="css" href="style.css" media-type="text/css"/></manifest><spine>'
        + "".join(f'<itemref idref="{n}"/>' for n in names) + "</spine></package>")
    write_zip(target, {n: c if isinstance(c, bytes) else c.encode() for n, c in files.items()}, stored=["mimetype"])


if __name__ == "__main__":
    for source in sorted((MAKE / "books").glob("*.md")):
        book, body = read(source)
        folder = MAKE.parent / book["product"] / "files"
        folder.mkdir(parents=True, exist_ok=True)
        pdf(book, body, folder / f"{book['file']}.pdf")
        if book.get("epub"):
            epub(book, body, folder / f"{book['file']}.epub")
        print(book["file"])
