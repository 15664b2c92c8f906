"""Numbers as a reader wants them, the same on every page and screen."""

from __future__ import annotations


def percent(share: float) -> str:
    """A share: 0%, <0.1%, 0.3%, 12%; 0% and 100% only where it is none or all."""
    if share <= 0:
        return "0%"
    if share < 0.001 or 0.999 < share < 1:
        return "<0.1%" if share < 0.5 else ">99.9%"
    return f"{share:.1%}" if share < 0.0995 or 0.995 <= share < 1 else f"{share:.0%}"
