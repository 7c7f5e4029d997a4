from oso_adapter.chain.brake import Brake


def test_a_few_calls_go_at_once_and_after_that_one_a_second() -> None:
    clock = [1000.0]
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        clock[0] += seconds

    brake = Brake(burst=3, now=lambda: clock[0], sleep=sleep)
    for _ in range(5):
        brake.wait()
    assert [1.0, 1.0] == pauses

    clock[0] += 1.5
    brake.wait()
    brake.wait()
    assert [1.0, 1.0, 0.5] == pauses

    clock[0] += 3600
    for _ in range(3):
        brake.wait()
    assert 3 == len(pauses)
