"""The tree of the log: what it comes to, and that its proofs prove nothing else (RFC 9162 §2.1)."""

from __future__ import annotations

import hashlib
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.record.tree import (
    EMPTY,
    Frontier,
    Hash,
    consistency,
    goes_on,
    inclusion,
    is_included,
    leaf_hash,
    node_hash,
)

# The tree that RFC 9162 §2.1.5 draws, and the inputs that public test vectors of it use.
INPUTS = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def grown(count: int) -> tuple[Frontier, dict[tuple[int, int], Hash], list[Hash]]:
    leaves = [leaf_hash(f"leaf {number}".encode()) for number in range(count)]
    frontier, nodes = Frontier().appended(leaves)
    return frontier, {(one.level, one.index): one.hash for one in nodes}, leaves


def test_no_leaves_have_a_root_of_their_own() -> None:
    assert Frontier().root == EMPTY == hashlib.sha256(b"").digest()


def test_the_roots_are_those_of_the_published_vectors() -> None:
    frontier = Frontier()
    for octets, root in zip(INPUTS, ROOTS, strict=True):
        frontier, _ = frontier.appended([leaf_hash(bytes.fromhex(octets))])
        assert frontier.root.hex() == root


def test_leaves_and_nodes_are_hashed_apart() -> None:
    assert leaf_hash(b"\x01" * 64) != node_hash(b"\x01" * 32, b"\x01" * 32)


def test_a_frontier_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one subtree"):
        Frontier(3, (EMPTY,))


@given(st.lists(st.integers(0, 40), max_size=6))
def test_it_is_the_same_tree_in_however_many_pieces_it_grew(pieces: list[int]) -> None:
    _, _, leaves = grown(sum(pieces))
    frontier = Frontier()
    for low, high in pairwise([sum(pieces[:at]) for at in range(len(pieces) + 1)]):
        frontier, _ = frontier.appended(leaves[low:high])
    assert frontier == Frontier().appended(leaves)[0]


@pytest.mark.parametrize("size", [*range(1, 34), 63, 64, 65, 100])
def test_every_leaf_is_proven_to_be_there_and_nowhere_else(size: int) -> None:
    frontier, nodes, leaves = grown(size)
    for index in range(size):
        path = inclusion(index, size, lambda level, at: nodes[level, at])
        assert is_included(leaves[index], index, size, path, frontier.root)
        assert not is_included(leaves[index - 1], index, size, path, frontier.root) or size == 1
        assert not is_included(leaves[index], index ^ 1, size, path, frontier.root)
        assert not is_included(leaves[index], index, size, path[:-1], frontier.root) or not path
        assert not is_included(leaves[index], index, size, (*path, EMPTY), frontier.root)


@given(st.integers(1, 130), st.data())
def test_a_tree_is_proven_to_go_on_from_an_earlier_one_and_from_no_other(size: int, data: st.DataObject) -> None:
    earlier = data.draw(st.integers(1, size))
    frontier, nodes, leaves = grown(size)
    before = Frontier().appended(leaves[:earlier])[0].root
    proof = consistency(earlier, size, lambda level, at: nodes[level, at])
    assert goes_on(earlier, before, size, frontier.root, proof)
    forged = Frontier().appended([*leaves[: earlier - 1], leaf_hash(b"another")])[0].root
    assert not goes_on(earlier, forged, size, frontier.root, proof)
    assert not goes_on(earlier, before, size, forged, proof)
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not goes_on(earlier, before, size, frontier.root, (*proof[:at], EMPTY, *proof[at + 1 :]))
        assert not goes_on(earlier, before, size, frontier.root, proof[:-1])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_what_is_not_in_it_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="not among"):
        inclusion(index, size, lambda _level, _at: EMPTY)
    assert not is_included(EMPTY, index, size, (), EMPTY)
