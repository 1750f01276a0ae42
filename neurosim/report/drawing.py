"""Drawings of a folder as part of a page: small, harmless, readable aloud."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

# what draws; whatever else a file holds (scripts, styles, links) stays out
KEPT = (
    "svg", "g", "defs", "path", "rect", "circle", "line", "polyline", "polygon", "text",
    "tspan", "use", "clipPath", "image", "pattern", "symbol", "linearGradient", "stop",
)  # fmt: skip
ROUNDED = ("d", "points", "x", "y", "width", "height")
LONG = re.compile(r"-?\d+\.\d{3,}")
FONT = re.compile(r"font: ([^;]*?[\d.]+px) [^;]*")
TARGET = re.compile(r"url\(#")
FAMILY = "'DejaVu Sans', Verdana, sans-serif"
PICTURE = "data:image/png;base64,"


def inline(path: Path, owner: str, title: str, words: str) -> str:
    """Return a drawing as an ``svg`` element that names and describes itself.

    Parameters
    ----------
    path : an SVG file. owner : of the drawing in the page; with the name of the file it
        stands before every id, so that two drawings never clash.
    title : its name. words : what it shows.

    Raises
    ------
    OSError, xml.etree.ElementTree.ParseError : if it cannot be read.
    """
    root = ElementTree.fromstring(path.read_bytes())
    name = re.sub(r"[^A-Za-z0-9_-]", "-", f"{owner}-{path.stem}")
    element = cleaned(root, f"{name}-")
    box = element.get("viewBox", "0 0 100 100")
    kept = {"viewBox": box, "role": "img", "aria-labelledby": f"{name}-T {name}-D"}
    element.attrib.clear()
    element.attrib.update(kept)
    for place, (tag, text) in enumerate((("title", title), ("desc", words))):
        told = Element(tag, {"id": f"{name}-{tag[0].upper()}"})
        told.text = text
        element.insert(place, told)
    return ElementTree.tostring(element, "unicode")


def cleaned(element: Element, prefix: str) -> Element:
    """Return a copy without namespaces, blanks and whatever does not draw."""
    copy = Element(local(element.tag), dict(attributes(element, prefix)))
    copy.text = element.text if copy.tag in ("text", "tspan") else None
    for child in element:
        if isinstance(child.tag, str) and local(child.tag) in KEPT:
            inner = cleaned(child, prefix)
            inner.tail = child.tail if inner.tag == "tspan" else None
            copy.append(inner)
    return copy


def attributes(element: Element, prefix: str) -> Iterator[tuple[str, str]]:
    """Return the attributes that may stay, in their short form."""
    for full, text in element.attrib.items():
        name, value = local(full), text
        if name.startswith("on") or name in ("space", "type"):
            continue
        if name == "id":
            value = prefix + value
        elif name == "href" and value.startswith("#"):
            value = f"#{prefix}{value[1:]}"
        elif name == "href" and not value.startswith(PICTURE):
            continue
        elif name in ROUNDED:
            value = LONG.sub(lambda found: f"{float(found[0]):.2f}", value)
        elif name == "style":
            value = FONT.sub(rf"font: \1 {FAMILY}", value)
        if "url(" not in TARGET.sub("", value):
            yield name, TARGET.sub(f"url(#{prefix}", value)


def local(name: str) -> str:
    """Return a name without its namespace."""
    return name.rpartition("}")[2]


def figure(path: Path, owner: str, title: str, words: str) -> str:
    """Return a drawing with its words beneath, or a sentence where there is none."""
    try:
        drawn = inline(path, owner, title, words)
    except FileNotFoundError:
        return f"<p>The figure {escape(path.name)} was not drawn.</p>"
    except (OSError, ElementTree.ParseError):
        return f"<p>The figure {escape(path.name)} cannot be read.</p>"
    return (
        f"<figure>{drawn}\n<figcaption><details><summary>The figure in words</summary>"
        f"<p>{escape(words)}</p></details></figcaption></figure>"
    )
