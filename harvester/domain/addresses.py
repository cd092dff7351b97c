"""Where a secret may travel in the open. Pure."""

from ipaddress import ip_address


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine itself: what is sent there goes over no network."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
