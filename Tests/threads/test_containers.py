"""Containers that several threads change lose nothing, hand out nothing twice, and never hide what is always there."""
import collections
import itertools
import threading
import unittest

THREADS = 4
ROUNDS = 5000


def together(function):
    """function(number) in THREADS threads that start at once; the first error is raised here."""
    barrier = threading.Barrier(THREADS)
    errors = []

    def body(number):
        barrier.wait()
        try:
            function(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=body, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class Instance:
    pass


class LoseNothing(unittest.TestCase):
    def test_additions_all_arrive(self):
        a, d, s = [], {}, set()
        q, o = collections.deque(), collections.OrderedDict()

        def add(n):
            for k in range(ROUNDS):
                a.append((n, k)), s.add((n, k)), q.append((n, k))
                d[n, k] = o[n, k] = k

        together(add)
        for container in (a, d, s, q, o):
            self.assertEqual(len(set(container)), THREADS * ROUNDS)
            self.assertEqual(len(container), THREADS * ROUNDS)

    def test_pop_is_exclusive(self):
        for container, pop, empty in (
            (list(range(20000)), lambda c: c.pop(), IndexError),
            (dict.fromkeys(range(20000)), lambda c: c.popitem()[0], KeyError),
            (set(range(20000)), lambda c: c.pop(), KeyError),
            (collections.deque(range(20000)), lambda c: c.popleft(), IndexError),
        ):
            taken = [[] for _ in range(THREADS)]

            def take(n):
                try:
                    while True:
                        taken[n].append(pop(container))
                except empty:
                    pass

            together(take)
            self.assertEqual(sorted(itertools.chain(*taken)), list(range(20000)))

    def test_setdefault_has_one_winner(self):
        d, seen = {}, [None] * THREADS

        def ask(n):
            seen[n] = [id(d.setdefault(k, object())) for k in range(ROUNDS)]

        together(ask)
        self.assertTrue(all(s == seen[0] for s in seen))


class ReadersSeeWhatIsThere(unittest.TestCase):
    def test_key_item_and_attribute(self):
        d, obj, done = {"always": 1, 12345: 2}, Instance(), []
        obj.always = 1

        def work(n):
            if n == 0:
                for k in range(10 * ROUNDS):
                    d[k % 3000] = k
                    d.pop(k * 3 % 3000, None)
                    setattr(obj, f"x{k % 50}", k)
                    if k % 9 == 0:
                        obj.__dict__.pop(f"x{k * 7 % 50}", None)
                done.append(True)
            else:
                while not done:
                    assert d["always"] == 1 and d[12345] == 2 and obj.always == 1

        together(work)


class NothingBreaks(unittest.TestCase):
    """What is read may be of any moment; it is always an object."""

    def test_list(self):
        a = []

        def work(n):
            for k in range(ROUNDS):
                try:
                    a.append([k]), a.insert(0, [k])
                    a[k % 5][0], a.pop()[0]
                    if k % 100 == 0:
                        del a[2:8]
                        a.sort(key=lambda x: x[0])
                        a[1:2] = [[1], [2]]
                    if k % 500 == 0:
                        a.clear()
                except IndexError:
                    pass

        together(work)

    def test_dict_and_set(self):
        d, s = {}, set()

        def work(n):
            for k in range(ROUNDS):
                key = (k * 7 + n) % 97
                d[key] = [k]
                s.add((key,))
                (d.pop((key + 1) % 97, None) or [0])[0]
                s.discard(((key + 1) % 97,))
                if k % 50 == 0:
                    try:
                        for key in d:
                            d.get(key, [0])[0]
                        for element in s:
                            element[0]
                    except RuntimeError:
                        pass
                    [pair[1][0] for pair in list(d.items())]
                if k % 700 == 0:
                    d.clear(), s.clear()

        together(work)

    def test_instance_that_loses_its_dict(self):
        box = [Instance()]

        def work(n):
            for k in range(ROUNDS):
                old = box[0]
                old.y = [k]
                values = old.__dict__
                box[0] = Instance()
                box[0].y = [1]
                del old
                values.get("y", [0])[0]
                values["w"] = 1

        together(work)

    def test_shared_iterators(self):
        n = 20000
        iterators = [
            iter(list(range(n))), iter(dict.fromkeys(range(n))), iter({i: [i] for i in range(n)}.items()),
            iter(set(range(n))), iter(tuple(range(n))), reversed(list(range(n))), iter(range(2**70, 2**70 + n)),
            enumerate(range(n)), itertools.pairwise(range(n)), itertools.zip_longest(range(n), range(100)),
            itertools.permutations(range(7)), itertools.product(range(20), repeat=3), itertools.cycle(range(9)),
            itertools.groupby(range(n), lambda x: x // 3), itertools.accumulate(range(n)),
            itertools.batched(range(n), 3), *itertools.tee(iter(range(n))), itertools.count(2**63 - 50),
        ]

        def work(_):
            for _ in range(ROUNDS):
                for iterator in iterators:
                    next(iterator, None)

        together(work)


if __name__ == "__main__":
    unittest.main()
