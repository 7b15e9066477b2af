/* Recursion limits of C: out-of-line parts of pycore_recursion.h, and the public functions. */
#include "Python.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"
#include "pycore_recursion.h"

/* The stack pointer is below the soft limit: RecursionError, or the end below the hard one. */
int
_Py_CheckRecursiveCall(PyThreadState *tstate, const char *where)
{
    _PyThreadStateImpl *ts = (_PyThreadStateImpl *)tstate;
    uintptr_t here = _Py_get_machine_stack_pointer();
    assert(ts->c_stack_soft_limit != 0 && ts->c_stack_hard_limit != 0);
    if (here < ts->c_stack_hard_limit) {
        /* The handling of the RecursionError has itself run out of stack. */
        int kbytes_used = (int)((ts->c_stack_top - here) / 1024);
        char message[200];
        PyOS_snprintf(message, sizeof(message), "Unrecoverable stack overflow (used %d kB)%s", kbytes_used, where);
        Py_FatalError(message);
    }
    if (tstate->recursion_headroom) {
        return 0;
    }
    int kbytes_used = (int)((ts->c_stack_top - here) / 1024);
    tstate->recursion_headroom++;
    _PyErr_Format(tstate, PyExc_RecursionError, "Stack overflow (used %d kB)%s", kbytes_used, where);
    tstate->recursion_headroom--;
    return -1;
}

int
Py_EnterRecursiveCall(const char *where)
{
    return _Py_EnterRecursiveCall(where);
}

void
Py_LeaveRecursiveCall(void)
{
    _Py_LeaveRecursiveCall();
}
