/* Numbers of the intrinsic functions (Python/eval/intrinsics.def), for the compiler and the eval loop. */
#ifndef Py_INTERNAL_INTRINSICS_H
#define Py_INTERNAL_INTRINSICS_H

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif

#include "Python.h"

enum _Py_intrinsic_1 {
#define INTRINSIC_1(name, function) INTRINSIC_##name,
#define INTRINSIC_2(name, function)
#include "../../Python/eval/intrinsics.def"
#undef INTRINSIC_1
#undef INTRINSIC_2
    INTRINSIC_1_COUNT
};

#define INTRINSIC_1_INVALID INTRINSIC_INVALID
enum _Py_intrinsic_2 {
#define INTRINSIC_1(name, function)
#define INTRINSIC_2(name, function) INTRINSIC_2_##name,
#include "../../Python/eval/intrinsics.def"
#undef INTRINSIC_1
#undef INTRINSIC_2
    INTRINSIC_2_COUNT
};
/* The names the reference uses. */
#define INTRINSIC_PREP_RERAISE_STAR INTRINSIC_2_PREP_RERAISE_STAR
#define INTRINSIC_TYPEVAR_WITH_BOUND INTRINSIC_2_TYPEVAR_WITH_BOUND
#define INTRINSIC_TYPEVAR_WITH_CONSTRAINTS INTRINSIC_2_TYPEVAR_WITH_CONSTRAINTS
#define INTRINSIC_SET_FUNCTION_TYPE_PARAMS INTRINSIC_2_SET_FUNCTION_TYPE_PARAMS
#define INTRINSIC_SET_TYPEPARAM_DEFAULT INTRINSIC_2_SET_TYPEPARAM_DEFAULT

typedef PyObject *(*_Py_intrinsic_1_func)(PyThreadState *tstate, PyObject *value);
typedef PyObject *(*_Py_intrinsic_2_func)(PyThreadState *tstate, PyObject *value1, PyObject *value2);

extern const _Py_intrinsic_1_func _PyIntrinsics_1[INTRINSIC_1_COUNT];
extern const _Py_intrinsic_2_func _PyIntrinsics_2[INTRINSIC_2_COUNT];
extern const char *const _PyIntrinsics_1_Names[INTRINSIC_1_COUNT];
extern const char *const _PyIntrinsics_2_Names[INTRINSIC_2_COUNT];
#endif
