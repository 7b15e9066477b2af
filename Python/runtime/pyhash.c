/* Hashing of numbers, pointers and bytes; the secret of the process.

   Numbers hash as residues modulo the prime 2**61 - 1, so that equal numbers of all types agree.
   Bytes and str: SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012). */
#include "Python.h"
#include "pycore_initconfig.h"  // _PyStatus_OK
#include "pycore_pyhash.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <unistd.h>
#if defined(__linux__)
#  include <sys/random.h>
#endif

_Py_HashSecret_t _Py_HashSecret;

/* -- Numbers and pointers ------------------------------------------------- */

Py_hash_t
_Py_HashDouble(PyObject *op, double x)
{
    if (x > -0x1p60 && x < 0x1p60 && x == (double)(int64_t)x) {
        Py_hash_t hash = (Py_hash_t)(int64_t)x;
        return hash == -1 ? -2 : hash;
    }
    if (!isfinite(x)) {
        if (isinf(x)) {
            return x > 0 ? PyHASH_INF : -PyHASH_INF;
        }
        return PyObject_GenericHash(op);
    }
    /* x == mantissa * 2**exponent; 2**61 is 1, so the power is a rotation. */
    int exponent;
    double fraction = frexp(fabs(x), &exponent);
    uint64_t mantissa = (uint64_t)ldexp(fraction, 53);
    exponent -= 53;
    int rotation = exponent % PyHASH_BITS;
    if (rotation < 0) {
        rotation += PyHASH_BITS;
    }
    uint64_t hash = mantissa;
    if (rotation) {
        hash = ((mantissa << rotation) & PyHASH_MODULUS) | (mantissa >> (PyHASH_BITS - rotation));
    }
    Py_hash_t result = x < 0 ? -(Py_hash_t)hash : (Py_hash_t)hash;
    return result == -1 ? -2 : result;
}

Py_hash_t
Py_HashPointer(const void *p)
{
    Py_hash_t hash = _Py_HashPointerRaw(p);
    return hash == -1 ? -2 : hash;
}

/* -- Bytes ---------------------------------------------------------------- */

static inline uint64_t
rotate(uint64_t x, int bits)
{
    return (x << bits) | (x >> (64 - bits));
}

#define ROUND                          \
    do {                               \
        v0 += v1;                      \
        v2 += v3;                      \
        v1 = rotate(v1, 13) ^ v0;      \
        v3 = rotate(v3, 16) ^ v2;      \
        v0 = rotate(v0, 32);           \
        v2 += v1;                      \
        v0 += v3;                      \
        v1 = rotate(v1, 17) ^ v2;      \
        v3 = rotate(v3, 21) ^ v0;      \
        v2 = rotate(v2, 32);           \
    } while (0)

static inline uint64_t
load_little_endian(const unsigned char *p)
{
    uint64_t x;
    memcpy(&x, p, sizeof(x));
#if PY_BIG_ENDIAN
    x = __builtin_bswap64(x);
#endif
    return x;
}

static inline uint64_t
siphash13(uint64_t k0, uint64_t k1, const void *data, Py_ssize_t size)
{
    const unsigned char *p = data;
    uint64_t v0 = k0 ^ UINT64_C(0x736f6d6570736575), v1 = k1 ^ UINT64_C(0x646f72616e646f6d);
    uint64_t v2 = k0 ^ UINT64_C(0x6c7967656e657261), v3 = k1 ^ UINT64_C(0x7465646279746573);
    uint64_t last = (uint64_t)size << 56;
    for (; size >= 8; size -= 8, p += 8) {
        uint64_t word = load_little_endian(p);
        v3 ^= word;
        ROUND;
        v0 ^= word;
    }
    switch (size) {
    case 7: last |= (uint64_t)p[6] << 48;  /* fall through */
    case 6: last |= (uint64_t)p[5] << 40;  /* fall through */
    case 5: last |= (uint64_t)p[4] << 32;  /* fall through */
    case 4: last |= (uint64_t)p[3] << 24;  /* fall through */
    case 3: last |= (uint64_t)p[2] << 16;  /* fall through */
    case 2: last |= (uint64_t)p[1] << 8;   /* fall through */
    case 1: last |= p[0];
    }
    v3 ^= last;
    ROUND;
    v0 ^= last;
    v2 ^= 0xff;
    ROUND;
    ROUND;
    ROUND;
    return (v0 ^ v1) ^ (v2 ^ v3);
}

static Py_hash_t
hash_bytes(const void *data, Py_ssize_t size)
{
    return (Py_hash_t)siphash13(_Py_HashSecret.siphash.k0, _Py_HashSecret.siphash.k1, data, size);
}

Py_hash_t
Py_HashBuffer(const void *data, Py_ssize_t size)
{
    if (size == 0) {
        return 0;
    }
    Py_hash_t hash = hash_bytes(data, size);
    return hash == -1 ? -2 : hash;
}

uint64_t
_Py_KeyedHash(uint64_t key, const void *src, Py_ssize_t size)
{
    return siphash13(key, 0, src, size);
}

static PyHash_FuncDef hash_function = {hash_bytes, "siphash13", 8 * sizeof(Py_hash_t), 128};

PyHash_FuncDef *
PyHash_GetFuncDef(void)
{
    return &hash_function;
}

/* -- Randomness ----------------------------------------------------------- */

/* 0, or -1 with errno. */
static int
random_from_device(char *buffer, Py_ssize_t size)
{
    int fd;
    do {
        fd = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return -1;
    }
    while (size > 0) {
        ssize_t n = read(fd, buffer, (size_t)size);
        if (n <= 0) {
            if (n < 0 && errno == EINTR) {
                continue;
            }
            int error = n < 0 ? errno : EIO;
            close(fd);
            errno = error;
            return -1;
        }
        buffer += n;
        size -= n;
    }
    close(fd);
    return 0;
}

static int
random_bytes(char *buffer, Py_ssize_t size, bool block)
{
#if defined(__linux__)
    while (size > 0) {
        ssize_t n = getrandom(buffer, (size_t)size, block ? 0 : GRND_NONBLOCK);
        if (n < 0) {
            if (errno == EINTR) {
                continue;
            }
            break;
        }
        buffer += n;
        size -= n;
    }
    if (size == 0) {
        return 0;
    }
    /* not in this kernel, forbidden, or not seeded yet */
#else
    (void)block;
#endif
    return random_from_device(buffer, size);
}

static int
random_with_exception(void *buffer, Py_ssize_t size, bool block)
{
    if (size < 0) {
        PyErr_SetString(PyExc_ValueError, "negative argument not allowed");
        return -1;
    }
    int status;
    Py_BEGIN_ALLOW_THREADS
    status = random_bytes(buffer, size, block);
    Py_END_ALLOW_THREADS
    if (status < 0) {
        if (errno == ENOENT || errno == ENXIO || errno == ENODEV || errno == EACCES) {
            PyErr_SetString(PyExc_NotImplementedError, "/dev/urandom (or equivalent) not found");
        }
        else {
            PyErr_SetFromErrno(PyExc_OSError);
        }
    }
    return status;
}

int
_PyOS_URandom(void *buffer, Py_ssize_t size)
{
    return random_with_exception(buffer, size, true);
}

int
_PyOS_URandomNonblock(void *buffer, Py_ssize_t size)
{
    return random_with_exception(buffer, size, false);
}

/* The secret that a seed stands for: a linear congruential generator, the same in all 3.x versions. */
static void
secret_from_seed(unsigned int x, unsigned char *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        x = x * 214013 + 2531011;
        out[i] = (unsigned char)(x >> 16);
    }
}

PyStatus
_Py_HashRandomization_Init(const PyConfig *config)
{
    static int initialized;
    if (initialized) {
        return _PyStatus_OK();
    }
    initialized = 1;
    if (config->use_hash_seed) {
        memset(&_Py_HashSecret, 0, sizeof(_Py_HashSecret));
        if (config->hash_seed != 0) {
            secret_from_seed((unsigned int)config->hash_seed, _Py_HashSecret.uc, sizeof(_Py_HashSecret));
        }
        return _PyStatus_OK();
    }
    if (random_bytes((char *)&_Py_HashSecret, sizeof(_Py_HashSecret), false) < 0) {
        return _PyStatus_ERR("failed to get random numbers to initialize Python");
    }
    return _PyStatus_OK();
}

void
_Py_HashRandomization_Fini(void)
{
}
