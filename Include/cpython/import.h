/* The tables of built-in and of frozen modules. */
#if !defined(Py_CPYTHON_IMPORT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_IMPORT_H

#ifdef __cplusplus
extern "C" {
#endif

struct _inittab {
    const char *name;           /* NULL ends the table */
    PyObject *(*initfunc)(void);
};

struct _frozen {
    const char *name;           /* NULL ends the table */
    const unsigned char *code;  /* marshalled */
    int size;
    int is_package;
};

PyAPI_FUNC(int) PyImport_ExtendInittab(struct _inittab *arg);
PyAPI_DATA(const struct _frozen *) PyImport_FrozenModules;
PyAPI_FUNC(PyObject *) PyImport_ImportModuleAttr(PyObject *name, PyObject *other);
PyAPI_FUNC(PyObject *) PyImport_ImportModuleAttrString(const char *name, const char *str);
PyAPI_DATA(struct _inittab *) PyImport_Inittab;

#ifdef __cplusplus
}
#endif
#endif
