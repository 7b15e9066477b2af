/* Parking lot: no wake-up is lost, timeouts end, the raw mutex excludes. */
#include "runner.h"
#include "pycore_lock.h"
#include "pycore_parking_lot.h"

#include <unistd.h>

static _PyRawMutex raw;
static long counter;

static void
count_raw(void *arg, int index)
{
    (void)arg;
    (void)index;
    for (int i = 0; i < 20000; i++) {
        _PyRawMutex_Lock(&raw);
        counter++;
        _PyRawMutex_Unlock(&raw);
    }
}

TEST(raw_mutex_excludes)
{
    counter = 0;
    run_threads(4, count_raw, NULL);
    CHECK(counter == 80000);
}

TEST(park_again_when_value_changed)
{
    uint32_t value = 1, expected = 2;
    CHECK(_PyParkingLot_Park(&value, &expected, sizeof(value), -1, NULL, 0) == Py_PARK_AGAIN);
}

TEST(park_times_out)
{
    uint8_t value = 1, expected = 1;
    CHECK(_PyParkingLot_Park(&value, &expected, 1, 2000000, NULL, 0) == Py_PARK_TIMEOUT);
}

/* A token goes round: each thread waits for its number. */
static uint32_t turn;

static void
take_turns(void *arg, int index)
{
    int n = *(int *)arg;
    for (int round = 0; round < 500; round++) {
        uint32_t mine = (uint32_t)(round * n + index), seen;
        while ((seen = __atomic_load_n(&turn, __ATOMIC_ACQUIRE)) != mine) {
            _PyParkingLot_Park(&turn, &seen, sizeof(seen), -1, NULL, 0);
        }
        __atomic_store_n(&turn, mine + 1, __ATOMIC_RELEASE);
        _PyParkingLot_UnparkAll(&turn);
    }
}

TEST(no_wakeup_is_lost)
{
    int n = 4;
    turn = 0;
    run_threads(n, take_turns, &n);
    CHECK(turn == 2000);
}

int
main(void)
{
    runtime_start();
    RUN(raw_mutex_excludes);
    RUN(park_again_when_value_changed);
    RUN(park_times_out);
    RUN(no_wakeup_is_lost);
    return tests_report();
}
