#!/usr/bin/env python3
"""Makes the fonts in this folder from Debian's fonts-inter and fonts-dejavu-core (needs fonttools).

Latin, Greek, mathematics, arrows, sub- and superscripts; digits, plus and minus are tabular in every weight, so that numbers
do not jump when they change. DejaVu Sans is the fallback for the signs that Inter lacks.
"""
from fontTools import subset
from fontTools.ttLib import TTFont

INTER = "/usr/share/fonts/opentype/inter/Inter-{}.otf"
DEJAVU = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"
SIGNS = "0123456789+\u2212"

ranges = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x17F), (0x2C6, 0x2DD), (0x300, 0x304), (0x370, 0x3FF), (0x1E80, 0x1E85),
    (0x2000, 0x206F), (0x2070, 0x209C), (0x20AC, 0x20AC), (0x2100, 0x214F), (0x2150, 0x215E), (0x2190, 0x21FF),
    (0x2200, 0x22FF), (0x2300, 0x23FF), (0x2500, 0x25FF), (0x2600, 0x266F), (0x2713, 0x2718), (0x27A1, 0x27A1), (0x2B05, 0x2B0D),
]
wanted = {c for low, high in ranges for c in range(low, high + 1)}
# One narrow no-break space for "20 ms": fonts disagree on whether they have it.


def make(source, target, codes, tabular):
    options = subset.Options(layout_features=["kern", "mark", "ccmp", "case", "calt"], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
                             drop_tables=["DSIG"], desubroutinize=False, notdef_outline=True)
    font = TTFont(source)
    if tabular:
        swap = {}
        for record in font["GSUB"].table.FeatureList.FeatureRecord:
            if record.FeatureTag == "tnum":
                for index in record.Feature.LookupListIndex:
                    for table in font["GSUB"].table.LookupList.Lookup[index].SubTable:
                        table = getattr(table, "ExtSubTable", table)
                        swap.update(getattr(table, "mapping", {}))
        for table in font["cmap"].tables:
            for sign in SIGNS:
                glyph = table.cmap.get(ord(sign))
                if glyph in swap:
                    table.cmap[ord(sign)] = swap[glyph]
    worker = subset.Subsetter(options)
    worker.populate(unicodes=codes)
    worker.subset(font)
    font.save(target)
    return set(font.getBestCmap())


have = make(INTER.format("Regular"), "Inter-Regular.otf", wanted, True)
for style in ("Medium", "SemiBold", "Italic"):
    make(INTER.format(style), f"Inter-{style}.otf", wanted, True)
rest = make(DEJAVU, "DejaVuSans-Fallback.ttf", wanted - have, False)
print(f"Inter {len(have)}, DejaVu {len(rest)}, neither: {len([c for c in wanted if c not in have and c not in rest])}")
for sign in "▲●■▼◆→←↑↓↺↻⏮▶⏸⏭ₘₑₙ₊₋⁻⁺²∂∑√∞≤≥±×·−Δμτ∈✕✓⌕◐⚙ \u2009\u202f⌘…⟲":
    print(sign, hex(ord(sign)), "Inter" if ord(sign) in have else "DejaVu" if ord(sign) in rest else "-")
