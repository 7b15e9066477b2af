/* Data that other programs hang on code objects (PEP 523), and watchers of their life.

   Locking: slots are handed out under the type lock's sibling, a mutex of this file; a code object's extras change in its
   critical section. */
#include "Python.h"
#include "pycore_code.h"
#include "pycore_critical_section.h"
#include "pycore_interp.h"
#include "pycore_pystate.h"

#define MAX_CO_EXTRA_USERS 255

static PyMutex users_mutex;
static freefunc free_functions[MAX_CO_EXTRA_USERS];     /* guarded by users_mutex */
static Py_ssize_t user_count;                           /* guarded by users_mutex; atomic reads */

struct extras {
    Py_ssize_t size;
    void *values[1];
};

Py_ssize_t
PyUnstable_Eval_RequestCodeExtraIndex(freefunc function)
{
    PyMutex_Lock(&users_mutex);
    Py_ssize_t index = user_count < MAX_CO_EXTRA_USERS ? user_count++ : -1;
    if (index >= 0) {
        free_functions[index] = function;
    }
    PyMutex_Unlock(&users_mutex);
    return index;
}

int
PyUnstable_Code_GetExtra(PyObject *code, Py_ssize_t index, void **value)
{
    if (!PyCode_Check(code)) {
        PyErr_BadInternalCall();
        return -1;
    }
    struct extras *e = ((PyCodeObject *)code)->co_extra;
    *value = e == NULL || index < 0 || index >= e->size ? NULL : e->values[index];
    return 0;
}

static int
set_extra_lock_held(PyCodeObject *co, Py_ssize_t index, void *value)
{
    struct extras *e = co->co_extra;
    if (e == NULL || e->size <= index) {
        Py_ssize_t old = e ? e->size : 0, size = user_count;
        struct extras *larger = PyMem_Realloc(e, sizeof *e + (size_t)size * sizeof(void *));
        if (larger == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        for (Py_ssize_t i = old; i < size; i++) {
            larger->values[i] = NULL;
        }
        larger->size = size;
        co->co_extra = e = larger;
    }
    void *before = e->values[index];
    e->values[index] = value;
    if (before != NULL && before != value && free_functions[index] != NULL) {
        free_functions[index](before);
    }
    return 0;
}

int
PyUnstable_Code_SetExtra(PyObject *code, Py_ssize_t index, void *value)
{
    if (!PyCode_Check(code) || index < 0 || index >= user_count) {
        PyErr_BadInternalCall();
        return -1;
    }
    int result;
    Py_BEGIN_CRITICAL_SECTION(code);
    result = set_extra_lock_held((PyCodeObject *)code, index, value);
    Py_END_CRITICAL_SECTION();
    return result;
}

void
_PyCode_FreeExtras(PyCodeObject *co)
{
    struct extras *e = co->co_extra;
    for (Py_ssize_t i = 0; e != NULL && i < e->size; i++) {
        if (e->values[i] != NULL && free_functions[i] != NULL) {
            free_functions[i](e->values[i]);
        }
    }
    PyMem_Free(e);
    co->co_extra = NULL;
}

/* -- Watchers ------------------------------------------------------------------------------------------- */

int
PyCode_AddWatcher(PyCode_WatchCallback callback)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    for (int i = 0; i < 8; i++) {
        if (interp->code_watchers[i] == NULL) {
            interp->code_watchers[i] = callback;
            interp->active_code_watchers |= (uint8_t)(1 << i);
            return i;
        }
    }
    PyErr_SetString(PyExc_RuntimeError, "no more code watcher IDs available");
    return -1;
}

int
PyCode_ClearWatcher(int id)
{
    PyInterpreterState *interp = _PyInterpreterState_GET();
    if (id < 0 || id >= 8) {
        PyErr_Format(PyExc_ValueError, "Invalid code watcher ID %d", id);
        return -1;
    }
    if (interp->code_watchers[id] == NULL) {
        PyErr_Format(PyExc_ValueError, "No code watcher set for ID %d", id);
        return -1;
    }
    interp->code_watchers[id] = NULL;
    interp->active_code_watchers &= (uint8_t) ~(1 << id);
    return 0;
}
