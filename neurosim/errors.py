"""What can go wrong, in words; every message says what, where and what to do."""

from difflib import get_close_matches


class NeurosimError(ValueError):
    """Bad input, explained in one sentence."""


class UnknownName(NeurosimError):
    """A name that nothing carries."""


def unknown(name: str, what: str, known) -> UnknownName:
    """Return the error for a name that is not among ``known``, with a suggestion."""
    known = sorted(known)
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return UnknownName(f"{what} has no {name!r}.{hint} It has: {', '.join(known)}.")
