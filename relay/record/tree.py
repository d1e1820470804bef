"""A Merkle tree over leaves that are only ever appended (RFC 9162 §2.1): its root, and proofs that anybody can check.

A tree of `size` leaves consists of complete subtrees, one for each bit of `size`, the largest first. Their roots are the
frontier: to append needs no more. A node of `level` n and `index` i is the root of the leaves from i·2ⁿ on, 2ⁿ of them; it never
changes once it is complete, so that nodes are stored once and proofs read a few.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NewType

Hash = NewType("Hash", bytes)

hash_octets: Final = 32
EMPTY: Final = Hash(hashlib.sha256(b"").digest())
"""The root of no leaves."""


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree."""

    level: int
    index: int
    hash: Hash


NodeAt = Callable[[int, int], Hash]
"""The hash of the complete node of that level and index."""


def leaf_hash(octets: bytes) -> Hash:
    """A leaf is hashed otherwise than a node, so that neither can be passed off as the other."""
    return Hash(hashlib.sha256(b"\x00" + octets).digest())


def node_hash(left: bytes, right: bytes) -> Hash:
    return Hash(hashlib.sha256(b"\x01" + left + right).digest())


@dataclass(frozen=True, slots=True)
class Frontier:
    """A tree as far as appending to it goes. Raises ValueError where the subtrees are not those of that size."""

    size: int = 0
    subtrees: tuple[Hash, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.subtrees) != self.size.bit_count():
            raise ValueError("a frontier has one subtree for each bit of its size")

    @property
    def root(self) -> Hash:
        if not self.subtrees:
            return EMPTY
        root = self.subtrees[-1]
        for left in reversed(self.subtrees[:-1]):
            root = node_hash(left, root)
        return root

    def appended(self, leaves: Iterable[Hash]) -> tuple[Frontier, tuple[Node, ...]]:
        """The tree with `leaves` behind those that it has, and every node that became complete by that, leaves among them."""
        size, subtrees, complete = self.size, list(self.subtrees), list[Node]()
        for leaf in leaves:
            node = Node(0, size, leaf)
            complete.append(node)
            while size >> node.level & 1:
                node = Node(node.level + 1, node.index >> 1, node_hash(subtrees.pop(), node.hash))
                complete.append(node)
            subtrees.append(node.hash)
            size += 1
        return Frontier(size, tuple(subtrees)), tuple(complete)


def inclusion(index: int, size: int, node_at: NodeAt) -> tuple[Hash, ...]:
    """The path from the leaf `index` to the root of the first `size` leaves (§2.1.3.1). Raises ValueError outside of them."""
    if not 0 <= index < size:
        raise ValueError("the leaf is not among them")
    return tuple(_subtree(low, high, node_at) for low, high in _siblings(index, size))


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` leads from `leaf` at `index` to `root` in a tree of `size` leaves (§2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, reached = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node_hash(sibling, reached)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            reached = node_hash(reached, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and reached == root


def consistency(earlier: int, size: int, node_at: NodeAt) -> tuple[Hash, ...]:
    """What proves that the tree of `earlier` leaves is the beginning of that of `size` (§2.1.4.1). Raises ValueError."""
    if not 0 < earlier <= size:
        raise ValueError("a tree is proven to go on from one with leaves, and not from a larger one")
    if earlier == size:
        return ()
    return tuple(_subtree(low, high, node_at) for low, high in _between(earlier, size))


def goes_on(earlier: int, earlier_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether `proof` shows that the tree of `size` begins with that of `earlier` leaves (§2.1.4.2)."""
    if not 0 < earlier <= size:
        return False
    if earlier == size:
        return not proof and earlier_root == root
    steps = list(proof)
    if earlier & (earlier - 1) == 0:
        steps.insert(0, Hash(earlier_root))
    if not steps:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = steps[0]
    for sibling in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and first == earlier_root and second == root


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _siblings(index: int, size: int) -> list[tuple[int, int]]:
    """The leaves, from and to, whose roots stand beside the way from the leaf up, the nearest first."""
    low, high, beside = 0, size, list[tuple[int, int]]()
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            beside.append((middle, high))
            high = middle
        else:
            beside.append((low, middle))
            low = middle
    return beside[::-1]


def _between(earlier: int, size: int) -> list[tuple[int, int]]:
    low, high, beside, is_whole = 0, size, list[tuple[int, int]](), True
    while earlier != high:
        middle = low + _split(high - low)
        if earlier <= middle:
            beside.append((middle, high))
            high = middle
        else:
            beside.append((low, middle))
            low, is_whole = middle, False
    if not is_whole:
        beside.append((low, high))
    return beside[::-1]


def _subtree(low: int, high: int, node_at: NodeAt) -> Hash:
    """The root of the leaves from `low` to before `high`, of complete nodes."""
    roots: list[Hash] = []
    while low < high:
        count = high - low
        level = min((low & -low).bit_length() - 1 if low else count.bit_length() - 1, count.bit_length() - 1)
        roots.append(node_at(level, low >> level))
        low += 1 << level
    root = roots[-1]
    for left in reversed(roots[:-1]):
        root = node_hash(left, root)
    return root


def directed(index: int, size: int, path: Sequence[Hash]) -> tuple[tuple[bool, Hash], ...]:
    """The path with the side on which each of its hashes stands: True for the left."""
    at, last, found = index, size - 1, list[tuple[bool, Hash]]()
    for sibling in path:
        is_left = bool(at & 1) or at == last
        found.append((is_left, sibling))
        while is_left and not at & 1 and at:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    return tuple(found)
