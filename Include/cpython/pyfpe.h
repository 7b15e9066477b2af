/* Traps of floating-point errors: nothing since 3.7, but some extensions name them. */
#if !defined(Py_CPYTHON_PYFPE_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYFPE_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyFPE_START_PROTECT(err_string, leave_stmt)
#define PyFPE_END_PROTECT(v)

#ifdef __cplusplus
}
#endif
#endif
