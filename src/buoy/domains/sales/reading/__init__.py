"""Reading a sales file that somebody else made: what it is, how it is laid out, and what each of its rows says.

Nothing here knows Django, a database or a clock. A file goes through four hands, each of which can be tried alone:

1. `source` tells the kind of a file by its content and yields its rows, a few at a time: `delimited` (CSV), `workbook`
   (XLSX), `columnar` (Parquet), `edi` (X12 867). A file that cannot be read raises `Unreadable` with what was found.
2. `layout` looks at the first rows: where the head stands, and how numbers and days are written. What these rows leave
   open is a `Question`; nothing is guessed that could be silently wrong.
3. `mapping` says which column holds which fact, by the words of its head.
4. `lines` turns a row into a line, or into the list of its flaws. Every row is one or the other, so that accepted and
   refused rows add up to the rows of the file.

Memory does not grow with the file: rows are read in pieces, and every length that a file decides has a limit (`limits`).
"""
