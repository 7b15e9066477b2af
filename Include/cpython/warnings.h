/* Warnings with every detail given. */
#if !defined(Py_CPYTHON_WARNINGS_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_WARNINGS_H

#ifdef __cplusplus
extern "C" {
#endif

PyAPI_FUNC(int) PyErr_WarnExplicitFormat(
    PyObject *category, const char *filename, int lineno, const char *module,
    PyObject *registry, const char *format, ...);
PyAPI_FUNC(int) PyErr_WarnExplicitObject(
    PyObject *category, PyObject *message, PyObject *filename, int lineno, PyObject *module,
    PyObject *registry);

#define PyErr_Warn(category, msg) PyErr_WarnEx((category), (msg), 1)

#ifdef __cplusplus
}
#endif
#endif
