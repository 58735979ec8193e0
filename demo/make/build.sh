#!/bin/sh
# Make every generated file of the demo shop, then check all of it.
set -eu
cd "$(dirname "$0")"
python3 french.py
python3 audio.py
python3 covers.py
python3 books.py
python3 workflows.py
python3 zips.py
node ../validate.mjs
