/* Layout of storage keys, and limits. */
#if !defined(Py_CPYTHON_PYTHREAD_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYTHREAD_H

#ifdef __cplusplus
extern "C" {
#endif

#include <pthread.h>

#define PYTHREAD_INVALID_THREAD_ID ((unsigned long)-1)

/* The longest timeout that the locks take. */
PyAPI_DATA(const long long) PY_TIMEOUT_MAX;

struct _Py_tss_t {
    int _is_initialized;
    pthread_key_t _key;
};

#define Py_tss_NEEDS_INIT { 0, 0 }

#ifdef __cplusplus
}
#endif
#endif
