/* Layout of complex objects and arithmetic on C complex values. */
#if !defined(Py_CPYTHON_COMPLEXOBJECT_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_COMPLEXOBJECT_H

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    double real;
    double imag;
} Py_complex;

/* Failures are told by errno: EDOM, ERANGE. */
PyAPI_FUNC(double) _Py_c_abs(Py_complex z);
PyAPI_FUNC(Py_complex) _Py_c_diff(Py_complex z, Py_complex z2);
PyAPI_FUNC(Py_complex) _Py_c_neg(Py_complex z);
PyAPI_FUNC(Py_complex) _Py_c_pow(Py_complex z, Py_complex z2);
PyAPI_FUNC(Py_complex) _Py_c_prod(Py_complex z, Py_complex z2);
PyAPI_FUNC(Py_complex) _Py_c_quot(Py_complex z, Py_complex z2);
PyAPI_FUNC(Py_complex) _Py_c_sum(Py_complex z, Py_complex z2);

typedef struct {
    PyObject_HEAD
    Py_complex cval;
} PyComplexObject;

PyAPI_FUNC(Py_complex) PyComplex_AsCComplex(PyObject *op);
PyAPI_FUNC(PyObject *) PyComplex_FromCComplex(Py_complex z);

#ifdef __cplusplus
}
#endif
#endif
