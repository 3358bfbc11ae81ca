"""How much of everything a file may bring. Beyond it a file is refused before the rest of it is read."""

LARGEST_FILE = 2 << 30
LONGEST_ROW = 1 << 20
"""Characters of one physical line, and bytes of one cell of a workbook."""
LONGEST_RECORD = 1_000
"""Physical lines of one row: a quotation mark that is never closed swallows more."""
MOST_COLUMNS = 1_000
LONGEST_VALUE = 500
"""Characters of one value that is kept; longer ones refuse their row."""
SAMPLE_BYTES = 1 << 18
SAMPLE_ROWS = 200
"""What the layout is told from."""

MOST_ZIP_ENTRIES = 10_000
MOST_UNPACKED = 2 << 30
MOST_RATIO = 100
"""A sheet packs 10 to 40 to one; what packs better than 100 to one is a bomb (ASVS 5.2.3)."""
SMALL_ENTRY = 1 << 20
"""Entries below this size may pack as well as they like."""
MOST_SHARED_TEXT = 64 << 20
"""Bytes of the texts that cells of a workbook share: they have to be held in memory."""
MOST_SHARED = 2_000_000
