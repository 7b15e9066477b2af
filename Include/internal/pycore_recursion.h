/* Guard against runaway recursion of C, by the address of the stack.

   The limits are addresses in the thread state (the stack grows down): past the soft one a RecursionError is
   raised, past the hard one the process ends, because the error itself could not be handled.  A thread's
   limits are set once, by itself, when it is attached first.  Python frames are counted by the eval loop. */
#ifndef Py_INTERNAL_RECURSION_H
#define Py_INTERNAL_RECURSION_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_pystate.h"  // _PyThreadState_GET, _Py_get_machine_stack_pointer
#include "pycore_tstate.h"   // _PyThreadStateImpl

PyAPI_FUNC(int) _Py_CheckRecursiveCall(PyThreadState *tstate, const char *where);

static inline int
_Py_MakeRecCheck(PyThreadState *tstate)
{
    return _Py_get_machine_stack_pointer() < ((_PyThreadStateImpl *)tstate)->c_stack_soft_limit;
}

static inline int
_Py_EnterRecursiveCallTstate(PyThreadState *tstate, const char *where)
{
    return __builtin_expect(_Py_MakeRecCheck(tstate), 0) && _Py_CheckRecursiveCall(tstate, where);
}

static inline int
_Py_EnterRecursiveCall(const char *where)
{
    return _Py_EnterRecursiveCallTstate(_PyThreadState_GET(), where);
}

static inline int
_Py_ReachedRecursionLimit(PyThreadState *tstate)
{
    return _Py_MakeRecCheck(tstate);
}

static inline void
_Py_LeaveRecursiveCallTstate(PyThreadState *tstate)
{
    (void)tstate;
}

static inline void
_Py_LeaveRecursiveCall(void)
{
}

#endif
