/* The evaluation loop as the rest of the core calls it. */
#ifndef Py_INTERNAL_CEVAL_H
#define Py_INTERNAL_CEVAL_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"
#include "pycore_frame.h"      // _PyInterpreterFrame
#include "pycore_pystate.h"    // _PyThreadState_GET
#include "pycore_recursion.h"  // _Py_EnterRecursiveCallTstate

/* -- Entering the loop ----------------------------------------------------------------------------- */

PyAPI_FUNC(PyObject *) _PyEval_EvalFrameDefault(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int exc);

/* Runs a frame that the caller has made; the frame is gone afterwards (a generator's is suspended or over). */
extern PyObject *_PyEval_EvalFrame(PyThreadState *tstate, struct _PyInterpreterFrame *frame, int throwflag);

/* Calls a function: counts its arguments, so the caller keeps its own references. */
extern PyObject *_PyEval_Vector(PyThreadState *tstate, PyFunctionObject *func, PyObject *locals,
                                PyObject *const *args, size_t argcount, PyObject *kwnames);

/* A frame with arguments bound; the arguments (args and those named by kwnames) are stolen in any case.  func is taken
   as a value the frame will own.  NULL with an exception. */
extern _PyInterpreterFrame *_PyEvalFramePushAndInit(PyThreadState *tstate, _PyValue func, PyObject *locals,
                                                    _PyValue *args, size_t argcount, PyObject *kwnames,
                                                    _PyInterpreterFrame *previous);
/* Ends a frame that was made but not run, or has run: releases it and pops it. */
extern void _PyEval_FrameClearAndPop(PyThreadState *tstate, _PyInterpreterFrame *frame);

/* -- The collector ----------------------------------------------------------------------------------- */

/* With the world stopped: visits every object that the thread's running frames refer to (registers owned and borrowed,
   functions, code, locals mappings, frame objects).  Generators' frames included. */
extern int _PyEval_VisitThreadRoots(PyThreadState *tstate, visitproc visit, void *arg);

/* -- Names -------------------------------------------------------------------------------------------- */

extern PyObject *_PyEval_BuiltinsFromGlobals(PyThreadState *tstate, PyObject *globals);   /* borrowed */
PyAPI_FUNC(PyObject *) _PyEval_GetBuiltin(PyObject *name);
PyAPI_FUNC(PyObject *) _PyEval_GetBuiltinId(_Py_Identifier *name);
extern PyObject *_PyEval_GetFrameLocals(void);
extern PyObject *_PyEval_LoadName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name);
extern PyObject *_PyEval_GetGlobalsFromRunningMain(PyThreadState *tstate);
extern int _PyEval_EnsureBuiltins(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins);
extern int _PyEval_EnsureBuiltinsWithModule(PyThreadState *tstate, PyObject *globals, PyObject **p_builtins);
extern void _PyEval_FormatExcCheckArg(PyThreadState *tstate, PyObject *exc, const char *format, PyObject *obj);
extern void _PyEval_FormatExcUnbound(PyThreadState *tstate, PyCodeObject *co, int oparg);

/* -- Imports ------------------------------------------------------------------------------------------ */

extern PyObject *_PyEval_ImportName(PyThreadState *tstate, _PyInterpreterFrame *frame, PyObject *name,
                                    PyObject *fromlist, PyObject *level);
extern PyObject *_PyEval_ImportFrom(PyThreadState *tstate, PyObject *module, PyObject *name);
extern int _PyEval_ImportAllFrom(PyThreadState *tstate, PyObject *locals, PyObject *module);

/* -- Hooks and settings of a thread ------------------------------------------------------------------ */

PyAPI_FUNC(int) _PyEval_SetProfile(PyThreadState *tstate, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetTrace(PyThreadState *tstate, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetProfileAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetTraceAllThreads(PyInterpreterState *interp, Py_tracefunc func, PyObject *arg);
extern int _PyEval_SetOpcodeTrace(PyFrameObject *f, bool enable);
extern int _PyEval_GetCoroutineOriginTrackingDepth(void);
extern int _PyEval_SetCoroutineOriginTrackingDepth(int depth);
extern PyObject *_PyEval_GetAsyncGenFirstiter(void);      /* borrowed or NULL */
extern PyObject *_PyEval_GetAsyncGenFinalizer(void);
extern int _PyEval_SetAsyncGenFirstiter(PyObject *firstiter);
extern int _PyEval_SetAsyncGenFinalizer(PyObject *finalizer);
/* sys.call_tracing */
extern PyObject *_PyEval_CallTracing(PyObject *func, PyObject *args);

/* -- Errors ------------------------------------------------------------------------------------------- */

extern int _PyEval_CheckExceptTypeValid(PyThreadState *tstate, PyObject *right);
extern int _PyEval_CheckExceptStarTypeValid(PyThreadState *tstate, PyObject *right);
extern int _PyEval_ExceptionGroupMatch(_PyInterpreterFrame *frame, PyObject *exc_value, PyObject *match_type,
                                       PyObject **match, PyObject **rest);

/* Work that waits for a thread (signals, pending calls, stop-the-world, grace periods); the threads room.
   0, or -1 with an exception. */
PyAPI_FUNC(int) _Py_HandlePending(PyThreadState *tstate);

#define _PyEval_EVAL_BREAKER(tstate) (__atomic_load_n(&(tstate)->eval_breaker, __ATOMIC_RELAXED) != 0)
#endif
