"""The component kit: templates, styles, scripts, charts, and the page that shows them all."""
