/* Trace functions, frame evaluation, maps for the perf profiler. */
#if !defined(Py_CPYTHON_CEVAL_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_CEVAL_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyEval_MergeCompilerFlags(PyCompilerFlags *flags);
PyAPI_FUNC(void) PyEval_SetProfile(Py_tracefunc func, PyObject *op);
PyAPI_FUNC(void) PyEval_SetProfileAllThreads(Py_tracefunc func, PyObject *op);
PyAPI_FUNC(void) PyEval_SetTrace(Py_tracefunc func, PyObject *op);
PyAPI_FUNC(void) PyEval_SetTraceAllThreads(Py_tracefunc func, PyObject *op);
PyAPI_FUNC(PyObject *) _PyEval_EvalFrameDefault(
    PyThreadState *tstate, struct _PyInterpreterFrame *frame, int flag);
PyAPI_FUNC(int) _PyEval_SliceIndex(PyObject *op, Py_ssize_t *p_n);
PyAPI_FUNC(int) _PyEval_SliceIndexNotNone(PyObject *op, Py_ssize_t *p_n);

/* -- Maps that tell perf the names of generated code -- */
typedef struct {
    FILE *perf_map;
    PyThread_type_lock map_lock;
} PerfMapState;

PyAPI_FUNC(int) PyUnstable_CopyPerfMapFile(const char *str);
PyAPI_FUNC(void) PyUnstable_PerfMapState_Fini(void);
PyAPI_FUNC(int) PyUnstable_PerfMapState_Init(void);
PyAPI_FUNC(int) PyUnstable_PerfTrampoline_CompileCode(PyCodeObject *code);
PyAPI_FUNC(int) PyUnstable_PerfTrampoline_SetPersistAfterFork(int flag);
PyAPI_FUNC(int) PyUnstable_WritePerfMapEntry(
    const void *data, unsigned int number, const char *str);

#ifdef __cplusplus
}
#endif
#endif
