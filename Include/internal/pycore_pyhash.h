/* Hashes of bytes: the secret, the algorithm, and the randomness they start from. */
#ifndef Py_INTERNAL_PYHASH_H
#define Py_INTERNAL_PYHASH_H
#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE"
#endif

#include "Python.h"

/* The secret of the process; set before the first str is hashed, const from then on. */
typedef union {
    unsigned char uc[24];
    struct {
        uint64_t k0, k1;
    } siphash;
    struct {
        unsigned char padding[16];
        Py_hash_t hashsalt;   /* expat's */
    } expat;
} _Py_HashSecret_t;

PyAPI_DATA(_Py_HashSecret_t) _Py_HashSecret;

/* SipHash-1-3 under a key of the caller's (source hashes of .pyc files). */
extern uint64_t _Py_KeyedHash(uint64_t key, const void *src, Py_ssize_t size);

/* The bits that alignment makes constant go to the high end. */
static inline Py_hash_t
_Py_HashPointerRaw(const void *p)
{
    size_t x = (size_t)p;
    return (Py_hash_t)((x >> 4) | (x << (8 * sizeof(void *) - 4)));
}

/* Sets _Py_HashSecret from config->hash_seed or from the system's randomness. */
extern PyStatus _Py_HashRandomization_Init(const PyConfig *config);
extern void _Py_HashRandomization_Fini(void);

/* Fills the buffer from the system's generator; -1 with an exception.  The second form rather takes weaker
   randomness than to wait for the generator to be seeded. */
extern int _PyOS_URandom(void *buffer, Py_ssize_t size);
PyAPI_FUNC(int) _PyOS_URandomNonblock(void *buffer, Py_ssize_t size);

#endif
