"""Running the parties: killed and started again, slow, stopped, and in each other's absence."""

import json
import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from oso_adapter.clock import utc_now
from oso_adapter.errors import Refused, Unreachable
from oso_adapter.identifiers import Pgn
from oso_adapter.simulator.run import _write_description, open_simulation
from oso_adapter.simulator.seed import TEST_SCHOOL, TEST_SCHOOL_ROUTING_ID
from oso_adapter.simulator.sessions import session_counts
from oso_adapter.simulator.state import make_late
from oso_adapter.wire.search_key import SimulationSearchKey


def test_a_killed_traffic_center_knows_its_sessions_again(world: Any) -> None:
    first = world.start(only="tc")
    client = world.client(world.doel)
    opened = world.call(client, first.url("tc"), "overdrachtRequest", world.asking())
    session = opened.values["sessieId"]
    os.kill(first.description["pids"]["tc"], signal.SIGKILL)
    assert first.ended() == 1
    with pytest.raises(Unreachable):
        world.call(client, first.url("tc"), "pingRequest", {})
    again = world.start(only="tc", refuse_with="fault")
    bron = world.client(world.bron)
    checked = world.call(bron, again.url("tc"), "sessiecontroleRequest", world.checking(session))
    assert checked.values == {"sector": "VO"}
    closed = world.call(client, again.url("tc"), "afmeldingRequest", world.closing(session))
    assert closed.values == {"resultaat": "OverdrachtGeslaagd"}
    with pytest.raises(Refused) as refused:
        world.call(client, again.url("tc"), "afmeldingRequest", world.closing(session))
    assert refused.value.code == "SessieReedsAfgemeld"
    world.hang_up()
    assert again.stop() == 0


def test_a_killed_runner_leaves_nobody_listening(world: Any) -> None:
    running = world.start(only="osr")
    running.process.kill()
    running.ended()
    client = world.client(world.doel)
    url = running.url("osr")

    def ask_until_gone() -> None:
        for _ in range(5_000):
            client.request_json("GET", f"{url}/services", party="OSR")

    with pytest.raises(Unreachable):
        ask_until_gone()


def test_a_late_traffic_center_grants_a_session_that_nobody_hears_of(world: Any) -> None:
    running = world.start(only="tc")
    make_late(world.state, "overdrachtRequest")
    client = world.client(world.doel, read_timeout=0.5)
    with pytest.raises(Unreachable) as late:
        world.call(client, running.url("tc"), "overdrachtRequest", world.asking())
    assert late.value.reason == "timeout"
    assert session_counts(world.state, utc_now()).open == 1
    make_late(world.state)
    answer = world.call(client, running.url("tc"), "overdrachtRequest", world.asking())
    assert "sessieId" in answer.values


def test_the_school_says_that_it_cannot_check_without_the_traffic_center(world: Any) -> None:
    tc, school = world.start(only="tc"), world.start(only="school")
    key = SimulationSearchKey().make(Pgn("310008475"))
    subject = {"zoeksleutel": key.key, "pgnfrag": key.fragment}
    values = world.asking(bronBrin=TEST_SCHOOL, zoeksleutelPgnfrag=subject)
    client = world.client(world.doel)
    opened = world.call(client, tc.url("tc"), "overdrachtRequest", values)
    world.hang_up()
    assert tc.stop() == 0
    values |= {
        "bronRouteringsKenmerk": TEST_SCHOOL_ROUTING_ID,
        "sessieId": opened.values["sessieId"],
    }
    with pytest.raises(Refused) as refused:
        world.call(client, school.url("school"), "documentRequest", values)
    assert refused.value.code == "TechnischeFout"


def test_what_others_need_to_know_is_in_a_file(world: Any) -> None:
    running = world.start()
    kept = json.loads((world.directory / "simulator.json").read_text())
    assert kept == running.description
    assert kept["urls"].keys() == kept["pids"].keys() == {"tc", "osr", "school"}
    assert running.stop() == 0


def test_parties_that_are_started_side_by_side_have_one_authority_and_one_description(
    tmp_path: Path,
) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: open_simulation(tmp_path / "chain"), range(8)))
        written = list(pool.map(lambda n: _write_description(opened[n % 8], {"tc": n}), range(80)))

    chains = [one.pki.leaf(f"las-{n}").certificate for n, one in enumerate(opened)]
    issuers = {file.read_bytes().split(b"-----END CERTIFICATE-----")[1] for file in chains}
    assert 1 == len(issuers)
    assert (tmp_path / "chain" / "simulator.json").read_text() in written


def test_all_end_when_one_ends(world: Any) -> None:
    running = world.start()
    os.kill(running.description["pids"]["school"], signal.SIGTERM)
    assert running.ended() == 1
    with pytest.raises(Unreachable):
        world.call(world.client(world.doel), running.url("tc"), "pingRequest", {})


def test_a_port_that_is_taken_is_said_so(world: Any, tmp_path: Path) -> None:
    with socket.socket() as taken, (tmp_path / "errors").open("w+b") as errors:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        running = world.start(errors, only="tc", ports={"tc": port})
        assert running.description == {}
        assert running.ended() == 1
        errors.seek(0)
        said = errors.read().decode()
    child, rest = said.split("\n", 1)
    assert child == f"tc: cannot listen on 127.0.0.1 port {port}: Address already in use"
    assert rest.count("Traceback") == 1  # of the program of this test, which has no command line
    assert f"tc does not start on port {port}; is the port free?" in rest
