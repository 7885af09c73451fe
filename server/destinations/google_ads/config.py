"""What a container says of a conversion that goes through the Google Ads API."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret
from server.destinations.contract.google import (
    ActionId,
    CustomerId,
    Language,
    check_google_access,
    check_params,
)

PARAMS = (
    *("orderId", "conversionValue", "currencyCode", "conversionEnvironment"),
    *("customerType", "externalAttributionData"),
)
"""Fields of Google's `ClickConversion` that say nothing of who it was: those are told with consent
alone."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conversion action, and who may send to it."""

    customer_id: CustomerId
    """Of the account that owns the conversion action: the ten digits at the top of Google Ads."""
    conversion_action_id: ActionId
    """Goals, Summary, the conversion action: `ctId` in the page's address."""
    login_customer_id: CustomerId | None = None
    """Of the manager account through which the credentials reach the account."""
    service_account: Secret | None = None
    """The JSON key of a service account that has been invited to the Google Ads account."""
    client_id: str | None = None
    """In place of a service account: of the OAuth client, with its secret and a refresh token."""
    client_secret: Secret | None = None
    """Of the OAuth client."""
    refresh_token: Secret | None = None
    """Of a user of the account, for the scope `https://www.googleapis.com/auth/adwords`."""
    developer_token: Secret | None = None
    """Of a manager account; since September 2026 Google goes by the project of the credentials."""
    params: dict[str, Any] = field(default_factory=dict)
    """Google's own fields of the conversion, such as `conversionValue`, `currencyCode`, `orderId`
    or `customerType`; they beat what the event says, and `null` leaves one out."""
    custom_variables: dict[
        Annotated[str, Meta(pattern=r"^[0-9]{1,20}$", description="the variable's id, in digits")],
        Any,
    ] = field(default_factory=dict)
    """Values of the conversion's custom variables, by their ids in Google Ads; not sent with a
    click on iOS, whose conversions have none."""
    merchant_id: Annotated[str, Meta(pattern=r"^[0-9]{1,18}$", description="digits")] | None = None
    """Of the Merchant Center account whose products are sold, for conversions with cart data."""
    feed_country: (
        Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description="two capitals such as FR")] | None
    ) = None
    """Of the Merchant Center feed."""
    feed_language: Language | None = None
    """Of the Merchant Center feed."""
    send_user_data: bool = True
    """Sends hashed e-mail and phone where the visitor grants `ad_user_data`."""
    validate_only: bool = False
    """Google looks at what is sent and says what is wrong with it, and keeps nothing."""
    api_version: Annotated[str, Meta(pattern=r"^v[0-9]{1,3}$", description="such as v26")] = "v26"
    """Google ends each about a year after it came."""
    endpoint: Host = "https://googleads.googleapis.com"
    """Google's host."""
    token_endpoint: Host = "https://oauth2.googleapis.com"  # noqa: S105
    """Where access tokens are asked for."""

    def __post_init__(self) -> None:
        """Raises ValueError for what would break every request."""
        check_google_access(self)
        check_params(self.params, PARAMS)
