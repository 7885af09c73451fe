"""What a container says of a conversion that goes through Google's Data Manager."""

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
    *("transactionId", "conversionValue", "currency", "eventSource"),
    *("lastUpdatedTimestamp", "userProperties"),
)
"""Fields of Google's `Event` that say nothing of who it was: those are told with consent alone."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The conversion action, and who may send to it."""

    customer_id: CustomerId
    """Of the account that owns the conversion action: the ten digits at the top of Google Ads."""
    conversion_action_id: ActionId
    """Goals, Summary, the conversion action: `ctId` in the page's address."""
    login_customer_id: CustomerId | None = None
    """Of the manager account that the credentials belong to, if they belong to one."""
    service_account: Secret | None = None
    """The JSON key of a service account that has been invited to the Google Ads account."""
    client_id: str | None = None
    """In place of a service account: of the OAuth client, with its secret and a refresh token."""
    client_secret: Secret | None = None
    """Of the OAuth client."""
    refresh_token: Secret | None = None
    """Of a user of the account, for the scope `https://www.googleapis.com/auth/datamanager`."""
    quota_project: (
        Annotated[
            str, Meta(pattern=r"^[a-z0-9.:-]{1,64}$", description="a project's id: my-project")
        ]
        | None
    ) = None
    """The Google Cloud project that is charged with the requests: `x-goog-user-project`."""
    params: dict[str, Any] = field(default_factory=dict)
    """Google's own fields of the event, such as `conversionValue`, `currency`, `transactionId` or
    `userProperties`; they beat what the event says, and `null` leaves one out."""
    custom_variables: dict[str, Any] = field(default_factory=dict)
    """Values of the conversion's custom variables, by their names in Google Ads."""
    merchant_id: str | None = None
    """Of the Merchant Center account whose products are sold, for conversions with cart data."""
    feed_label: str | None = None
    """Of the Merchant Center feed, such as a country."""
    feed_language: Language | None = None
    """Of the Merchant Center feed."""
    send_user_data: bool = True
    """Sends hashed e-mail, phone, name and address where the visitor grants `ad_user_data`."""
    send_device: bool = True
    """Sends the user agent, and outside the European Economic Area, the United Kingdom and
    Switzerland the IP address, where the visitor grants `ad_user_data`."""
    validate_only: bool = False
    """Google looks at what is sent and says what is wrong with it, and keeps nothing."""
    endpoint: Host = "https://datamanager.googleapis.com"
    """Google's host."""
    token_endpoint: Host = "https://oauth2.googleapis.com"  # noqa: S105
    """Where access tokens are asked for."""

    def __post_init__(self) -> None:
        """Raises ValueError for what would break every request."""
        check_google_access(self)
        check_params(self.params, PARAMS)
