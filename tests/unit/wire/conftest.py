from collections.abc import Callable

import pytest
from lxml import etree

from oso_adapter.bounded_xml import parse
from oso_adapter.wire.contract import Contract, load

Body = Callable[[str, str], etree._Element]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load()


@pytest.fixture(scope="session")
def body(contract: Contract) -> Body:
    """Builds a body child in the namespace of the contract, with the prefix of another stack."""

    def build(name: str, content: str) -> etree._Element:
        xml = f'<ns1:{name} xmlns:ns1="{contract.namespace}">{content}</ns1:{name}>'
        return parse(xml.encode())

    return build
