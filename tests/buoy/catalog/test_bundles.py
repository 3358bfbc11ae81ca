"""A bundle holds so much of some products, and no bundle."""

from decimal import Decimal

import pytest

from buoy.core.errors import NotFound
from buoy.core.scope import acting
from buoy.domains.catalog.actions import products
from buoy.domains.catalog.queries.products import product_page
from tests.buoy.catalog.conftest import Make
from tests.cast import Cast


def put(cast: Cast, bundle: object, part: object, quantity: str = "1") -> None:
    products.put_into_bundle(cast.mei, bundle_id=bundle, part_id=part, quantity=Decimal(quantity))  # type: ignore[arg-type]


def test_a_bundle_says_what_it_holds_and_a_part_where_it_is_held(cast: Cast, product: Make) -> None:
    kit, light, hour = product(code="KIT", name="Kit"), product(code="L", name="Light"), product(code="H", unit="HUR")
    put(cast, kit, light, "2")
    put(cast, kit, hour, "1.5")
    put(cast, kit, light, "3")
    with acting(cast.rita):
        page = product_page(cast.rita, product_id=kit)
        assert {(part.code, part.quantity) for part in page.parts} == {("L", 3), ("H", Decimal("1.5"))}
        assert [row.code for row in product_page(cast.rita, product_id=light).bundles] == ["KIT"]
    products.take_out_of_bundle(cast.mei, bundle_id=kit, part_id=light)
    with pytest.raises(NotFound):
        products.take_out_of_bundle(cast.mei, bundle_id=kit, part_id=light)


def test_a_bundle_holds_no_bundle_and_not_itself(cast: Cast, product: Make) -> None:
    kit, light, case = product(code="KIT"), product(code="L"), product(code="CASE")
    put(cast, kit, light)
    for bundle, part in ((case, kit), (light, case), (case, case)):
        with pytest.raises(products.BundleInBundle):
            put(cast, bundle, part)


def test_half_a_piece_is_in_no_bundle(cast: Cast, product: Make) -> None:
    kit, light = product(code="KIT"), product(code="L")
    with pytest.raises(products.BadQuantity, match="0 decimal places"):
        put(cast, kit, light, "0.5")


def test_what_is_out_of_sale_is_not_told_to_partners_as_a_part(cast: Cast, product: Make) -> None:
    kit, light = product(code="KIT"), product(code="L", is_active=False)
    put(cast, kit, light)
    with acting(cast.rita):
        assert product_page(cast.rita, product_id=kit).parts == []
