"""What a container says of a Braze tag."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from server.destinations.contract import Host, Secret

MAX_CHARS = 255


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The workspace, and what is sent beyond what every event says."""

    api_key: Secret
    """A REST key with the permission `users.track`: Settings, API keys."""
    endpoint: Host
    """The REST endpoint of the instance, such as `https://rest.fra-02.braze.eu`: beside the key."""
    event_name: Annotated[str, Meta(min_length=1, max_length=MAX_CHARS)] | None = None
    """The custom event; left out: the event's own name, and purchases for `purchase`. With it, an
    order is a custom event too."""
    ecommerce: bool = False
    """Sends product views, carts, checkouts, orders and refunds as Braze's recommended events
    (`ecommerce.order_placed`, …) where they say all that it requires, such as a `cart_id`; orders
    are then no purchases."""
    params: dict[str, Any] = field(default_factory=dict)
    """Further properties; they beat the event's own, and `null` leaves one out."""
    attributes: dict[str, Any] = field(default_factory=dict)
    """Attributes of the user's profile of your own, such as `{tier: gold}`."""
    app_id: str | None = None
    """The app that events belong to: Settings, API keys, app identifiers."""
    braze_id: str | None = None
    """Braze's own id of the user, where the site knows it: `"{{ event.props.braze_id }}"`."""
    alias_label: Annotated[str, Meta(min_length=1, max_length=MAX_CHARS)] | None = None
    """Sends visitors without a user id as users with an alias of this label, and our id as its
    name; left out: their events are not sent. Braze bills such users too."""
    update_existing_only: bool = False
    """Makes no new users."""
    send_user_data: bool = False
    """Sends e-mail, phone, name and place in clear, where the visitor grants `ad_user_data`."""
