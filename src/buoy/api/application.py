"""The API: its routers, and what is the same for all of them."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from buoy.api import audit, description, problems
from buoy.api.authentication import ApiToken
from buoy.api.repeats import once_per_key
from buoy.domains.accounts import api as accounts
from buoy.domains.catalog import api as catalog
from buoy.domains.partners import api as partners
from buoy.domains.sales import api as sales
from buoy.domains.workspace import api as workspace

PREFIX = "api/v1/"


class Api(NinjaAPI):
    """Describes the answers that every operation can give, which its routers do not repeat."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        return description.completed(super().get_openapi_schema(**options))

    def get_openapi_operation_id(self, operation: Any) -> str:
        """The name of the function: short, and the same wherever the file stands."""
        return str(operation.view_func.__name__)


token = ApiToken()
api = Api(
    title="Buoy",
    version="1",
    description=description.ABOUT,
    auth=token,
    docs_url=None,  # Both stand in `documentation`.
    openapi_url=None,
    urls_namespace="api",
)
problems.handle(api)
api.add_decorator(once_per_key(token), mode="view")
api.add_router("", accounts.router, tags=["Accounts"])
api.add_router("/partners", partners.router, tags=["Partners"])
api.add_router("", catalog.router, tags=["Catalog"])
api.add_router("/sales", sales.router, tags=["Sales"])
api.add_router("/subjects", workspace.router, tags=["Beside things"])
api.add_router("/audit-events", audit.router, tags=["Audit trail"])
