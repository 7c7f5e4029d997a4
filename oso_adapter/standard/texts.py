"""The text of an element; comments and instructions may cut it, and to a reader it is still one.

``element.text`` stops at the first of them, so that a check of it would look at a part.
"""

from lxml import etree


def text_of(node: etree._Element | None) -> str:
    """The whole text of an element itself; empty where there is no element."""
    if node is None:
        return ""
    text = node.text or ""
    return "".join([text, *[child.tail or "" for child in node]]) if len(node) else text


def holds_elements(node: etree._Element) -> bool:
    """Whether there are elements in it, and not comments alone."""
    return next(node.iterchildren("*"), None) is not None
