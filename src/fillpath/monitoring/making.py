"""A channel is made of what the file says; only what is used is loaded."""

from collections.abc import Collection

from fillpath.monitoring.channels import Channel, Wanted


def make_channel(wanted: Wanted, hosts: Collection[str]) -> Channel:
    """Return a channel.

    Args:
        wanted: what the file says.
        hosts: those that an address of one's own may lead to.

    Raises:
        ConfigError: its address leads where it must not.
    """
    if wanted.kind == "webhook":
        from fillpath.monitoring.webhook import Webhook  # noqa: PLC0415

        return Webhook(wanted.address, wanted.secret, hosts)
    from fillpath.monitoring.outside import Outside  # noqa: PLC0415

    return Outside(wanted.address, hosts)


__all__ = ["make_channel"]
