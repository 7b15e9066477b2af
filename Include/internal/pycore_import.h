/* The import system from the inside: module table, frozen modules, the state that importlib does not keep. */
#ifndef Py_INTERNAL_IMPORT_H
#define Py_INTERNAL_IMPORT_H

#include "Python.h"

/* Bytecode is ours, so is its number; "\r\n" in the upper half shows a file mangled as text. */
#define PYC_MAGIC_NUMBER 0x4C01
#define PYC_MAGIC_NUMBER_TOKEN ((uint32_t)PYC_MAGIC_NUMBER | ((uint32_t)'\r' << 16) | ((uint32_t)'\n' << 24))
#define PYC_CACHE_TAG "ladon-314"

/* A frozen module: marshalled code.  name == NULL ends a table. */
extern const struct _frozen *_PyImport_FrozenBootstrap;

extern int _PyImport_IsInitialized(PyInterpreterState *interp);
extern PyObject *_PyImport_InitModules(PyInterpreterState *interp);
extern PyObject *_PyImport_GetModules(PyInterpreterState *interp);
extern PyObject *_PyImport_GetModuleId(PyObject *name);
extern int _PyImport_SetModule(PyObject *name, PyObject *module);
extern int _PyImport_SetModuleString(const char *name, PyObject *module);
extern PyObject *_PyImport_GetBuiltinModuleNames(void);
extern PyObject *_PyImport_GetModuleAttr(PyObject *module, PyObject *attribute);
extern PyObject *_PyImport_GetModuleAttrString(const char *module, const char *attribute);
extern int _PyImport_FixupBuiltin(PyThreadState *tstate, PyObject *module, const char *name, PyObject *modules);
extern void _PyImport_ClearModules(PyInterpreterState *interp);
extern int _PyImport_GetDLOpenFlags(PyInterpreterState *interp);
extern void _PyImport_SetDLOpenFlags(PyInterpreterState *interp, int flags);
extern PyObject *_PyImport_ResolveNameWithPackageContext(PyObject *name);
extern const char *_PyImport_PackageContext(void);
/* The import lock of PEP 302 days, which _imp still offers; importlib has a lock for each module. */
extern void _PyImport_AcquireLock(PyInterpreterState *interp);
extern void _PyImport_ReleaseLock(PyInterpreterState *interp);
extern void _PyImport_ReInitLock(PyInterpreterState *interp);
#endif
