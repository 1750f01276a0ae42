"""How generated text is laid out: its heading, and lines that fit a page."""

WIDTH = 88  # characters


def heading(what: str) -> list[str]:
    """Return the docstring of a generated module."""
    return [f'"""{what}. Generated."""', ""]


def text_of(lines: list[str]) -> str:
    """Return the text of a module, long statements broken inside brackets."""
    return "".join(f"{fitted(line)}\n" for line in "\n".join(lines).split("\n"))


def fitted(line: str) -> str:
    """Return a statement on as many lines as it takes; comments stay as they are."""
    code = line.lstrip()
    if len(line) <= WIDTH or code.startswith(("#", '"')):
        return line
    indent = line[: len(line) - len(code)]
    end = "," if code.endswith(",") else ""
    begin = last_bracket(code.removesuffix(","))
    if begin is None:
        left, equals, right = code.partition(" = ")
        if not equals:
            return line
        head, inside = f"{left} = (", right
    else:
        head, inside = code[: begin + 1], code.removesuffix(",")[begin + 1 : -1]
    filled = fill(parts(inside), WIDTH - len(indent) - 4)
    body = "".join(f"{indent}    {row}\n" for row in filled)
    return f"{indent}{head}\n{body}{indent}){end}"


def last_bracket(code: str) -> int | None:
    """Return where the bracket opens that the code ends with."""
    depth = 0
    for k in range(len(code) - 1, -1, -1):
        depth += (code[k] in ")]") - (code[k] in "([")
        if depth == 0:
            return k if code.endswith(")") else None
    return None


def parts(inside: str) -> list[str]:
    """Cut at the commas and before the plus signs that are in no further bracket."""
    found, depth = [""], 0
    for k, sign in enumerate(inside):
        depth += (sign in "([") - (sign in ")]")
        if (
            sign == " "
            and depth == 0
            and (inside[k - 1] == "," or inside[k + 1] == "+")
        ):
            found.append("")
        else:
            found[-1] += sign
    return found


def fill(pieces: list[str], width: int) -> list[str]:
    """Put as many pieces on each line as fit."""
    rows = [pieces[0]]
    for piece in pieces[1:]:
        if len(rows[-1]) + 1 + len(piece) > width:
            rows.append(piece)
        else:
            rows[-1] += f" {piece}"
    return rows
