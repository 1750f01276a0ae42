"""What can go wrong, in words; every message says what, where and what to do."""

from difflib import get_close_matches

ROOM = 160  # characters for the names that a message lists
NEAREST = 8  # names it lists where that is not enough


class NeurosimError(ValueError):
    """Bad input, explained in one sentence."""


class UnknownName(NeurosimError):
    """A name that nothing carries."""


def unknown(name: object, what: str, known) -> UnknownName:
    """Return the error for a name that is not among ``known``, with a suggestion.

    Of many names only those most like the wanted one are listed.
    """
    folded = {str(k).lower(): str(k) for k in known}
    wanted = str(name).lower()
    close = get_close_matches(wanted, folded, n=1, cutoff=0.5)
    hint = f" Did you mean {folded[close[0]]!r}?" if close else ""
    listed = ", ".join(sorted(folded.values()))
    if len(listed) > ROOM:
        near = get_close_matches(wanted, folded, n=NEAREST, cutoff=0.0)
        listed = ", ".join(folded[k] for k in near)
        listed += f" and others, {len(folded)} in all"
    return UnknownName(
        f"{what} has no {name!r:.60}.{hint} It has: {listed or 'nothing'}."
    )
