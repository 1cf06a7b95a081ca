"""A client's address is what the door says; whoever else claims to speak for another is logged as himself."""

import threading

from garrison_kit.door import Door

DOOR, OTHER, CLIENT = "10.89.0.2", "10.89.0.3", "203.0.113.7"


class Names:
    """A name server that counts, and whose answer can change."""

    def __init__(self, *addresses: str) -> None:
        self.addresses, self.asked = frozenset(addresses), 0

    def find(self, _name: str) -> frozenset[str]:
        self.asked += 1
        return self.addresses


def test_the_door_is_believed() -> None:
    assert Door(find=Names(DOOR).find).address_of(DOOR, CLIENT) == CLIENT


def test_nobody_else_is_believed() -> None:
    assert Door(find=Names(DOOR).find).address_of(OTHER, CLIENT) == OTHER


def test_who_speaks_for_himself_makes_nobody_look() -> None:
    names = Names(DOOR)
    assert Door(find=names.find).address_of(OTHER, None) == OTHER
    assert names.asked == 0


def test_the_door_is_known_again_at_another_address() -> None:
    names = Names(DOOR)
    door = Door(find=names.find, again=0)
    assert door.address_of(DOOR, CLIENT) == CLIENT
    names.addresses = frozenset({OTHER})
    assert door.address_of(OTHER, CLIENT) == CLIENT
    assert door.address_of(DOOR, CLIENT) == DOOR


def test_whoever_lies_again_and_again_makes_it_look_once() -> None:
    names = Names(DOOR)
    door = Door(find=names.find, again=3600)
    assert [door.address_of(OTHER, CLIENT) for _ in range(50)] == [OTHER] * 50
    assert names.asked == 1


def test_an_address_of_ipv4_in_ipv6_is_the_same() -> None:
    assert Door(find=Names(DOOR).find).address_of(f"::ffff:{DOOR}", CLIENT) == CLIENT


def test_a_name_server_that_is_silent_holds_nobody_up() -> None:
    silent = threading.Event()

    def find(_name: str) -> frozenset[str]:
        silent.wait(30)
        return frozenset({DOOR})

    try:
        assert Door(find=find).address_of(DOOR, CLIENT) == DOOR
    finally:
        silent.set()


def test_a_name_that_nobody_knows_is_nobodys_address() -> None:
    assert Door("nobody.invalid").address_of(DOOR, CLIENT) == DOOR
