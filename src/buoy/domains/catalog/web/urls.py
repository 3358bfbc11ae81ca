"""The addresses of this room."""

from __future__ import annotations

from django.urls import path

from buoy.domains.catalog.web import channels, engagement, families, importing, labels, partner, prices, products

app_name = "catalog"
urlpatterns = [
    path("desk/products/", products.products, name="desk-products"),
    path("desk/products/import/", importing.products, name="import-products"),
    path("desk/products/new/", products.add, name="desk-add-product"),
    path("desk/products/<uuid:product_id>/", products.product, name="desk-product"),
    path("desk/products/<uuid:product_id>/change/", products.change, name="desk-change-product"),
    path("desk/products/<uuid:product_id>/gtins/", products.add_gtin, name="add-gtin"),
    path("desk/products/<uuid:product_id>/gtins/<int:gtin_id>/remove/", products.remove_gtin, name="remove-gtin"),
    path("desk/products/<uuid:product_id>/skus/", products.add_sku, name="add-sku"),
    path("desk/products/<uuid:product_id>/skus/<int:sku_id>/remove/", products.remove_sku, name="remove-sku"),
    path("desk/products/<uuid:product_id>/parts/", products.put_part, name="put-part"),
    path("desk/products/<uuid:product_id>/parts/<uuid:part_id>/remove/", products.take_part_out, name="take-part-out"),
    path("desk/products/<uuid:product_id>/labels/", labels.add, name="add-label"),
    path("desk/products/<uuid:product_id>/labels/<uuid:label_id>/end/", labels.end, name="end-label"),
    path("desk/products/labels/", labels.labels, name="desk-labels"),
    path("desk/products/families/", families.families, name="desk-families"),
    path("desk/products/families/<uuid:family_id>/", families.change, name="desk-change-family"),
    path("desk/products/families/<uuid:family_id>/remove/", families.remove, name="remove-family"),
    path("desk/prices/", prices.price_lists, name="desk-price-lists"),
    path("desk/prices/new/", prices.add, name="desk-add-price-list"),
    path("desk/prices/<uuid:price_list_id>/", prices.price_list, name="desk-price-list"),
    path("desk/prices/<uuid:price_list_id>/change/", prices.change, name="desk-change-price-list"),
    path("desk/prices/<uuid:price_list_id>/set/", prices.set_price, name="set-price"),
    path("desk/prices/<uuid:price_list_id>/import/", prices.import_prices, name="import-prices"),
    path("desk/channels/", channels.channels, name="desk-channels"),
    path("desk/channels/new/", channels.add, name="desk-add-channel"),
    path("desk/channels/usual/", channels.add_usual, name="add-usual-channels"),
    path("desk/channels/<uuid:channel_id>/", channels.change, name="desk-change-channel"),
    path("desk/engagement/", engagement.rules, name="desk-rules"),
    path("desk/engagement/ask/", engagement.ask, name="desk-ask"),
    path("desk/engagement/new/", engagement.add, name="desk-add-rule"),
    path("desk/engagement/<uuid:rule_id>/", engagement.change, name="desk-change-rule"),
    path("desk/engagement/<uuid:rule_id>/move/<slug:way>/", engagement.move, name="move-rule"),
    path("desk/engagement/<uuid:rule_id>/end/", engagement.end, name="end-rule"),
    path("p/engagement/ask/", engagement.ask_for_oneself, name="ask"),
    path("products/partners/", products.sellers, {"with_vendor": False}, name="partner-options"),
    path("products/sellers/", products.sellers, {"with_vendor": True}, name="seller-options"),
    path("products/options/", products.options, name="product-options"),
    path("p/products/", partner.products, name="products"),
    path("p/products/labels/", labels.own_labels, name="labels"),
    path("p/products/<uuid:product_id>/", partner.product, name="product"),
]
