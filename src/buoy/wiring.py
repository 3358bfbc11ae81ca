"""Who reacts to what: each event and its handlers, in the order in which they are called.

Read this to know what else happens when something happens. `buoy.core.events` tells when handlers run and what becomes
of one that fails.
"""

from __future__ import annotations

from collections.abc import Mapping

from buoy.core.events import Handler

HANDLERS: Mapping[type, tuple[Handler, ...]] = {}
