/* Numeric hashes: all numbers hash as residues modulo the prime 2**61 - 1. */
#if !defined(Py_CPYTHON_PYHASH_H) && !defined(Py_LIMITED_API)
#define Py_CPYTHON_PYHASH_H

#ifdef __cplusplus
extern "C" {
#endif

#define PyHASH_MULTIPLIER 1000003UL
#define PyHASH_BITS       61
#define PyHASH_MODULUS    (((size_t)1 << PyHASH_BITS) - 1)
#define PyHASH_INF        314159
#define PyHASH_IMAG       PyHASH_MULTIPLIER

#define _PyHASH_MULTIPLIER PyHASH_MULTIPLIER
#define _PyHASH_BITS       PyHASH_BITS
#define _PyHASH_MODULUS    PyHASH_MODULUS
#define _PyHASH_INF        PyHASH_INF
#define _PyHASH_IMAG       PyHASH_IMAG

PyAPI_FUNC(Py_hash_t) PyObject_GenericHash(PyObject *obj);
PyAPI_FUNC(Py_hash_t) Py_HashBuffer(const void *data, Py_ssize_t n);
PyAPI_FUNC(Py_hash_t) Py_HashPointer(const void *data);
PyAPI_FUNC(Py_hash_t) _Py_HashDouble(PyObject *op, double x);

Py_DEPRECATED(3.13) static inline Py_hash_t
_Py_HashPointer(const void *ptr)
{
    return Py_HashPointer(ptr);
}

typedef struct {
    Py_hash_t (*const hash)(const void *, Py_ssize_t);
    const char *name;
    const int hash_bits;
    const int seed_bits;
} PyHash_FuncDef;

PyAPI_FUNC(PyHash_FuncDef *) PyHash_GetFuncDef(void);

#ifdef __cplusplus
}
#endif
#endif
