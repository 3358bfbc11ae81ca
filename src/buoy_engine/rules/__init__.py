"""Rule kinds: one module per way of getting from a measure to money, and per way of limiting and sharing it.

`KINDS` lists the permanent tags: a tag is the key a plan is written with, it is stored for ever, and it is never used again
for another meaning. Every tag has a section in `docs/plan-language.md` and a module or function here.
"""

KINDS: dict[str, str] = {
    "rate": "A rate on the base",
    "amount": "A fixed amount",
    "tiers": "A scale of bands: marginal, retroactive or filled",
    "curve": "Straight lines between points",
    "blocks": "An amount for every whole or started block",
}
