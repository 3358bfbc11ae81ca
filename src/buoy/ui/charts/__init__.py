"""Charts, drawn as SVG on the server: no script, the colours of the theme, true right to left, sharp on paper.

A function takes values and says how to write them; what it returns is a `Picture` for `{% chart %}`: the drawing in
three widths, because words in a drawing shrink with it, and the same numbers as a table for whoever cannot see it.
"""

from buoy.ui.charts.bars import bars
from buoy.ui.charts.drawing import Picture, Series
from buoy.ui.charts.flows import Flow, Stop, flows
from buoy.ui.charts.funnel import funnel
from buoy.ui.charts.heat import heat
from buoy.ui.charts.lines import lines
from buoy.ui.charts.spark import meter, spark

__all__ = ["Flow", "Picture", "Series", "Stop", "bars", "flows", "funnel", "heat", "lines", "meter", "spark"]
