"""The catalog for programs."""

from __future__ import annotations

from ninja import Router

from buoy.domains.catalog.api import channels, engagement, families, labels, prices, products

router = Router()
router.add_router("/products", products.router)
router.add_router("/families", families.router)
router.add_router("/channels", channels.router)
router.add_router("/engagement", engagement.router)
router.add_router("/private-labels", labels.router)
router.add_router("/price-lists", prices.router)
