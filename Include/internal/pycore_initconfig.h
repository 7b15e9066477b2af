/* Configuration from the inside: status helpers, copying, and the steps that read it. */
#ifndef Py_INTERNAL_INITCONFIG_H
#define Py_INTERNAL_INITCONFIG_H

#include "Python.h"

#ifdef Py_GIL_DISABLED
#define CONFIG_FT_ROW(...) CONFIG(__VA_ARGS__)
#else
#define CONFIG_FT_ROW(...)
#endif

#define _PyStatus_OK() ((PyStatus){._type = _PyStatus_TYPE_OK})
#define _PyStatus_ERR(message) \
    ((PyStatus){._type = _PyStatus_TYPE_ERROR, .func = __func__, .err_msg = (message)})
#define _PyStatus_NO_MEMORY() _PyStatus_ERR("memory allocation failed")
#define _PyStatus_EXIT(code) ((PyStatus){._type = _PyStatus_TYPE_EXIT, .exitcode = (code)})
#define _PyStatus_IS_ERROR(status) ((status)._type == _PyStatus_TYPE_ERROR)
#define _PyStatus_IS_EXIT(status) ((status)._type == _PyStatus_TYPE_EXIT)
#define _PyStatus_EXCEPTION(status) ((status)._type != _PyStatus_TYPE_OK)

enum { _PyConfig_COMPAT = 1, _PyConfig_PYTHON = 2, _PyConfig_ISOLATED = 3 };

/* The configuration of the current interpreter; borrowed, constant after start-up but for what sys changes. */
const PyConfig *_Py_GetConfig(void);
/* The preconfiguration in force. */
extern PyPreConfig _Py_preconfig;
extern int _Py_preinitialized;

PyStatus _PyConfig_Copy(PyConfig *to, const PyConfig *from);
void _PyConfig_InitCompatConfig(PyConfig *config);
/* Parse the command line in config->argv; sets options, leaves the program's own arguments. */
PyStatus _PyConfig_ParseArguments(PyConfig *config, PyWideStringList *warnoptions, int *show_help);
/* Compute executable, prefixes and sys.path entries that are not set yet (Python/runtime/getpath.c). */
PyStatus _PyConfig_ComputePaths(PyConfig *config);
/* Value of environment variable name, or NULL: unset, empty, or the environment is to be ignored. */
const char *_Py_GetEnv(int use_environment, const char *name);
/* Value of option name among xoptions: "" where it has none, NULL if it is not there. */
const wchar_t *_Py_get_xoption(const PyWideStringList *xoptions, const wchar_t *name);

PyStatus _PyWideStringList_Copy(PyWideStringList *to, const PyWideStringList *from);
PyStatus _PyWideStringList_Extend(PyWideStringList *to, const PyWideStringList *from);
void _PyWideStringList_Clear(PyWideStringList *list);
PyObject *_PyWideStringList_AsList(const PyWideStringList *list);
PyObject *_PyWideStringList_AsTuple(const PyWideStringList *list);
/* dict of the options as a test of embedding sees them */
PyObject *_PyConfig_AsDict(const PyConfig *config);
void _Py_SetGlobalFlags(const PyConfig *config);
#endif
