"""The floor everything else stands on: amounts, periods and problems.

Nothing here knows what a plan is. Import from the modules themselves (`buoy_engine.kernel.amounts` …).
"""
