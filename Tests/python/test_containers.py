"""Containers against models that are too simple to be wrong, by random steps."""
import collections
import heapq
import random
import unittest

STEPS = 20000


class PairList:
    """A dict as a list of pairs."""

    def __init__(self):
        self.pairs = []

    def index(self, key):
        return next((i for i, (k, _) in enumerate(self.pairs) if k == key), None)

    def set(self, key, value):
        i = self.index(key)
        if i is None:
            self.pairs.append((key, value))
        else:
            self.pairs[i] = (self.pairs[i][0], value)

    def delete(self, key):
        i = self.index(key)
        return None if i is None else self.pairs.pop(i)[1]


class Instance:
    pass


class Models(unittest.TestCase):
    def check_mapping(self, mapping, keys, move=None):
        rng, model = random.Random(1), PairList()
        for step in range(STEPS):
            key = rng.choice(keys)
            match rng.randrange(8):
                case 0 | 1 | 2 | 3:
                    mapping[key] = step
                    model.set(key, step)
                case 4 | 5:
                    self.assertEqual(mapping.pop(key, None), model.delete(key))
                case 6 if model.pairs and rng.random() < 0.3:
                    self.assertEqual(mapping.popitem(), model.pairs.pop())
                case 7 if move is not None and (i := model.index(key)) is not None:
                    last = rng.random() < 0.5
                    move(mapping, key, last)
                    model.pairs.insert(len(model.pairs) if last else 0, model.pairs.pop(i))
            if step % 50 == 0:
                self.assertEqual(list(mapping.items()), model.pairs)
                self.assertEqual(list(reversed(mapping.keys())), [k for k, _ in reversed(model.pairs)])

    def test_dict_of_strings(self):
        self.check_mapping({}, [f"k{i}" for i in range(40)])

    def test_dict_of_anything(self):
        self.check_mapping({}, [*range(30), *"abcdef", None, 1.5, (1, "x"), frozenset([3]), b"a"])

    def test_dict_of_an_instance(self):
        obj = Instance()
        self.check_mapping(obj.__dict__, [f"k{i}" for i in range(50)])

    def test_instance_attributes(self):
        rng, obj, model = random.Random(2), Instance(), PairList()
        for step in range(STEPS):
            name = f"a{rng.randrange(40)}"
            if rng.random() < 0.6:
                setattr(obj, name, step)
                model.set(name, step)
            elif model.delete(name) is not None:
                delattr(obj, name)
            else:
                self.assertRaises(AttributeError, delattr, obj, name)
            if step % 100 == 0:
                self.assertEqual(list(obj.__dict__.items()), model.pairs)
            if step % 1000 == 0:
                obj, model = Instance(), PairList()

    def test_ordered_dict(self):
        self.check_mapping(collections.OrderedDict(), range(40), lambda o, k, last: o.move_to_end(k, last))

    def test_deque_is_a_list(self):
        rng, q, a = random.Random(3), collections.deque(), []
        for step in range(STEPS):
            i = rng.randrange(-3, len(a) + 4)
            match rng.randrange(8):
                case 0 | 1:
                    q.append(step), a.append(step)
                case 2 | 3:
                    q.appendleft(step), a.insert(0, step)
                case 4 if a:
                    self.assertEqual(q.pop(), a.pop())
                case 5 if a:
                    self.assertEqual(q.popleft(), a.pop(0))
                case 6:
                    q.insert(i, step), a.insert(i, step)
                case 7 if a:
                    n = i % len(a)
                    q.rotate(n)
                    a[:] = a[len(a) - n:] + a[: len(a) - n]
            if step % 50 == 0:
                self.assertEqual(list(q), a)
            if len(a) > 300:
                del a[:250]
                for _ in range(250):
                    del q[0]


class Sorting(unittest.TestCase):
    def test_sorted_stable_and_complete(self):
        rng = random.Random(4)
        kinds = [int, float, str, lambda x: (x % 5, str(x)), lambda x: x * 2**70, lambda x: x if x % 2 else float(x)]
        for n in [*range(70), 100, 255, 256, 257, 1000, 5000]:
            numbers = [rng.randrange(n + 1) for _ in range(n)]
            for shape in (numbers, sorted(numbers), sorted(numbers)[::-1], sorted(numbers[: n // 2]) + numbers):
                for kind in kinds:
                    items = [(kind(x), i) for i, x in enumerate(shape)]
                    for reverse in (False, True):
                        got = sorted(items, key=lambda pair: pair[0], reverse=reverse)
                        self.assertEqual(len(got), len(items))
                        for (x, i), (y, j) in zip(got, got[1:]):
                            self.assertTrue((y < x if reverse else x < y) or (x == y and i < j))

    def test_heap(self):
        rng = random.Random(5)
        for n in range(60):
            numbers = [rng.randrange(n + 1) for _ in range(n)]
            heap = numbers[:]
            heapq.heapify(heap)
            self.assertEqual([heapq.heappop(heap) for _ in range(n)], sorted(numbers))


class ChangedWhileCompared(unittest.TestCase):
    def test_dict_key_that_clears(self):
        class Key(int):
            __hash__ = int.__hash__

            def __eq__(self, other):
                d.clear()
                return False

        d = {Key(i): i for i in range(10)}
        for i in range(10):
            d.get(Key(i))
            d[Key(i)] = i
            d.pop(Key(i), None)

    def test_list_that_shrinks(self):
        class Item:
            def __eq__(self, other):
                a.clear()
                return False

        for method in (list.index, list.remove, list.count, list.__contains__):
            a = [Item() for _ in range(5)]
            try:
                method(a, 3)
            except ValueError:
                pass
        a = [Item() for _ in range(5)]
        self.assertFalse(a == [Item() for _ in range(5)])


if __name__ == "__main__":
    unittest.main()
