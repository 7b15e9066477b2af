/* Parking lot: threads that wait on an address (Python/threads/parking_lot.c). */
#ifndef Py_INTERNAL_PARKING_LOT_H
#define Py_INTERNAL_PARKING_LOT_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

enum {
    Py_PARK_OK = 0,       // woken by another thread
    Py_PARK_TIMEOUT = -1,
    Py_PARK_INTR = -2,    // a signal arrived
    Py_PARK_AGAIN = -3,   // the value had changed before the thread slept
};

/* Sleeps while *address equals *expected (size bytes: 1, 2, 4 or 8).  timeout_ns < 0: for ever.  park_arg is
   handed to whoever wakes this thread.  detach: leave the thread state while asleep. */
extern int _PyParkingLot_Park(const void *address, const void *expected, size_t address_size,
                              PyTime_t timeout_ns, void *park_arg, int detach);

/* Called under the bucket lock with the chosen waiter's park_arg (NULL: no waiter). */
typedef void _Py_unpark_fn_t(void *arg, void *park_arg, int has_more_waiters);

/* Wakes the longest waiter on address, after calling fn. */
extern void _PyParkingLot_Unpark(const void *address, _Py_unpark_fn_t *fn, void *arg);

/* Wakes all. */
extern void _PyParkingLot_UnparkAll(const void *address);

/* In the child of fork: the waiters are gone. */
extern void _PyParkingLot_AfterFork(void);

/* A semaphore that one thread waits on. */
#include <semaphore.h>
typedef struct _PySemaphore {
    sem_t platform_sem;
} _PySemaphore;

extern void _PySemaphore_Init(_PySemaphore *sema);
extern void _PySemaphore_Destroy(_PySemaphore *sema);
extern int _PySemaphore_Wait(_PySemaphore *sema, PyTime_t timeout_ns);
extern void _PySemaphore_Wakeup(_PySemaphore *sema);

#endif  // Py_INTERNAL_PARKING_LOT_H
