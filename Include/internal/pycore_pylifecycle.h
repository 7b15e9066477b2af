/* Start and end of the interpreter: the steps that the parts of the runtime provide. */
#ifndef Py_INTERNAL_PYLIFECYCLE_H
#define Py_INTERNAL_PYLIFECYCLE_H

#include "Python.h"

/* Set once by the thread that starts or ends the runtime. */
extern PyStatus _PyRuntime_Initialize(void);

extern PyStatus _PySys_Create(PyThreadState *tstate, PyObject **sysmod);
extern PyStatus _PySys_ReadPreinitWarnOptions(PyWideStringList *options);
extern int _PySys_UpdateConfig(PyThreadState *tstate);
extern PyStatus _PySys_SetPreliminaryStderr(PyObject *sysdict);
extern PyObject *_PyBuiltin_Init(PyInterpreterState *interp);
extern int _PyWarnings_InitState(PyInterpreterState *interp);
extern PyStatus _PyImport_InitCore(PyThreadState *tstate, PyObject *sysmod, int importlib);
extern PyStatus _PyImport_InitExternal(PyThreadState *tstate);
extern PyStatus _PyFaulthandler_Init(int enable);
extern void _PyFaulthandler_Fini(void);
extern int _PySignal_Init(int install_signal_handlers);
extern void _PySignal_Fini(void);
extern int _PyTraceMalloc_Init(void);
extern int _PyTraceMalloc_Start(int max_nframe);
extern void _PyTraceMalloc_Fini(void);
extern int _PyIO_Init(void);
extern void _PyAtExit_Call(PyInterpreterState *interp);
extern void _PyAtExit_Fini(PyInterpreterState *interp);
extern void _PyImport_FiniCore(PyInterpreterState *interp);
extern void _PyImport_Fini(void);
extern void _PySys_ClearAttrString(PyInterpreterState *interp, const char *name, int verbose);
extern PyStatus _Py_HashRandomization_Init(const PyConfig *config);

/* Runs the main program of the configuration: -c, -m, a script, stdin.  Exit status. */
extern int _Py_RunMainWithoutFinalize(void);
/* SystemExit handling: sets *exitcode and returns 1 if the current exception is one (and -i is not given). */
extern int _Py_HandleSystemExitAndKeyboardInterrupt(int *exitcode);
extern int _Py_UnhandledKeyboardInterrupt;
extern void _Py_FlushStdFiles(void);
extern int _Py_InstallStdStreams(PyThreadState *tstate);
#endif
