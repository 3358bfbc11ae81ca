"""Shapes that several operations of the catalog share."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from ninja import Field, Schema

from buoy.core.rest import Text

Name = Annotated[Text, Field(min_length=1, max_length=200)]
ShortName = Annotated[Text, Field(min_length=1, max_length=120)]
Code = Annotated[Text, Field(min_length=1, max_length=60, description="The article number; the same in any case.")]
Quantity = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)]


class MadeOut(Schema):
    """What was made."""

    id: UUID
